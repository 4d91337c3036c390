"""Forms on the server: check answers, check a form before it is published, name its outputs, make up answers.

How a form is written: docs/forms.md.
"""

from __future__ import annotations

from catalog.forms.answers import Unanswerable, answers
from catalog.forms.check import Checked, has_formulas, validate
from catalog.forms.publish import check_form, outputs
from catalog.forms.schema import attachments

__all__ = ["Checked", "Unanswerable", "answers", "attachments", "check_form", "has_formulas", "outputs", "validate"]
