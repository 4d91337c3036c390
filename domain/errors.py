"""What can go wrong, in the words a user reads. The web maps each class to one status code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """系统暂时无法完成此操作。"""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def message(self) -> str:
        """The Chinese sentence shown to the user."""
        return str(self)


class NotFound(DomainError):
    """没有找到您要的内容，可能已被删除或地址有误。"""


class Forbidden(DomainError):
    """您的岗位无权办理此事项。"""


class NotSignedIn(DomainError):
    """请先登录。"""


class Conflict(DomainError):
    """该任务已被他人办理，请刷新页面后查看。"""


class TooLarge(DomainError):
    """提交的内容超过了允许的大小。"""


class Busy(DomainError):
    """系统正忙，请稍后重试。"""


class Overrun(Busy):
    """流程一次推进用时过长，没有保存，请稍后重试；如再次出现，请联系系统管理员。"""


class StorageFull(DomainError):
    """存储空间已满，数据未保存，请联系系统管理员。"""


class Invalid(DomainError):
    """填写的内容有误，请检查后重新提交。"""

    def __init__(self, message: str | None = None, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: Mapping[str, str] = dict(fields or {})


class Refused(Invalid):
    """该内容未通过检查，未作任何改动。"""

    def __init__(self, findings: Sequence[Finding], message: str | None = None) -> None:
        self.findings = tuple(findings)
        super().__init__(message or "；".join(f.sentence for f in self.findings) or None)


class Finding:
    """One reason why a diagram, plan or form is refused, or a hint about it."""

    __slots__ = ("element", "rule", "sentence", "severity")

    def __init__(self, rule: str, sentence: str, *, element: str = "", severity: str = "error") -> None:
        self.rule = rule
        self.sentence = sentence
        self.element = element
        self.severity = severity

    def __repr__(self) -> str:
        return f"Finding({self.rule!r}, {self.sentence!r}, element={self.element!r}, severity={self.severity!r})"
