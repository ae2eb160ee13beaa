"""Prompts: templates with named variables, the messages they become, and the difference of two of them."""

from core.prompts.diff import Change, diff_pieces, diff_words
from core.prompts.template import (
    CompiledPrompt,
    TemplateProblem,
    check_template,
    compile_prompt,
    known_variables,
    variables_in,
)

__all__ = [
    "Change",
    "CompiledPrompt",
    "TemplateProblem",
    "check_template",
    "compile_prompt",
    "diff_pieces",
    "diff_words",
    "known_variables",
    "variables_in",
]
