"""A form-js schema as a tree of components: what the check, the publication and the generator of answers walk over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
Path = tuple[str | int, ...]

TEXTS = frozenset({"textfield", "textarea"})
ONE_OF = frozenset({"radio", "select"})
SOME_OF = frozenset({"checklist", "taglist"})
CHOICES = ONE_OF | SOME_OF
KEYED = TEXTS | CHOICES | {"number", "checkbox", "datetime", "expression"}
CONTAINERS = frozenset({"group", "dynamiclist"})
STATIC = frozenset({"text", "html", "image", "table", "separator", "spacer", "button"})
ATTACHMENTS = ("none", "optional", "required")


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component with its own part of the path; `raw` is what the file says."""

    type: str
    path: tuple[str, ...]
    raw: Schema
    children: tuple[Component, ...] = ()

    @property
    def keyed(self) -> bool:
        """Whether it holds a value."""
        return self.type in KEYED

    @property
    def repeats(self) -> bool:
        """Whether its children stand once for each row of a list."""
        return self.type == "dynamiclist" and self.raw.get("isRepeating", True) is not False

    @property
    def hide(self) -> str | None:
        """The FEEL condition under which it is hidden, without the leading `=`."""
        return feel_of(mapping(self.raw.get("conditional")).get("hide"))

    @property
    def rules(self) -> Schema:
        """Its `validate` object."""
        return mapping(self.raw.get("validate"))

    @property
    def disabled(self) -> bool:
        """Shown, never sent and never checked."""
        return bool(self.raw.get("disabled"))

    @property
    def label(self) -> str:
        """What to call it in a sentence."""
        raw = self.raw
        name = raw.get("dateLabel") or raw.get("timeLabel") if self.type == "datetime" else raw.get("label")
        if isinstance(name, str) and name.strip() and not name.startswith("=") and "{{" not in name:
            return name.strip()
        return ".".join(self.path) or str(raw.get("id", self.type))

    @property
    def hints(self) -> Schema:
        """The custom properties: `samples`, `rows` and whatever else a person entered."""
        return mapping(self.raw.get("properties"))

    def walk(self) -> Iterator[Component]:
        """It and everything below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def mapping(value: Any) -> Schema:
    """`value` where it is an object, else an empty one: a schema may say anything."""
    # asked dozens of times a form: an abstract class alone is slow to ask
    return value if isinstance(value, (dict, Mapping)) else {}


def feel_of(value: Any) -> str | None:
    """The FEEL text of a property that is an expression (it starts with `=`)."""
    return value[1:] if isinstance(value, str) and value.startswith("=") else None


def tree(schema: Schema) -> Component:
    """The form as one component."""
    return Component(type="default", path=(), raw=schema, children=_children(schema))


def attachments(schema: Schema) -> str:
    """Whether files may or must stand beside the form: none, optional or required."""
    wanted = mapping(schema.get("properties")).get("attachments")
    return wanted if wanted in ATTACHMENTS else "optional"


def context_names(schema: Schema) -> tuple[str, ...]:
    """Names that the host promises to put into the form's data, for its expressions."""
    names = mapping(schema.get("properties")).get("context", "")
    return tuple(name.strip() for name in names.split(",") if name.strip()) if isinstance(names, str) else ()


def _children(raw: Schema) -> tuple[Component, ...]:
    components = raw.get("components")
    if not isinstance(components, list):
        return ()
    return tuple(_component(each) for each in components if isinstance(each, Mapping))


def _component(raw: Schema) -> Component:
    kind = str(raw.get("type", ""))
    own = raw.get("key") if kind in KEYED else raw.get("path") if kind in CONTAINERS else None
    path = tuple(own.split(".")) if isinstance(own, str) and own else ()
    return Component(type=kind, path=path, raw=raw, children=_children(raw) if kind in CONTAINERS else ())
