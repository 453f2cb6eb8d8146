"""What a channel asks a customer for, in the reader's language, and what is wrong with what was entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from settlement_spec import IN_CHINESE

from app.errors import BindingRejected


def localized(schema: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """A configuration schema whose titles and descriptions are in ``zh`` or ``en``, where the plugin has them."""
    properties = {
        name: {key: value for key, value in one.items() if key != IN_CHINESE}
        | (one.get(IN_CHINESE, {}) if locale == "zh" else {})
        for name, one in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else dict(schema)


def check_configuration(schema: Mapping[str, Any], configuration: dict[str, Any]) -> None:
    """Refuse a configuration that the channel's schema does not allow, naming the entry and not its value.

    Raises:
        BindingRejected: the entry at ``path`` is missing or wrong.
    """
    error = best_match(Draft202012Validator(dict(schema)).iter_errors(configuration))
    if error is None:
        return
    where, en, zh = _said(error)
    titles = [_title(schema, where[:1], locale) for locale in ("en", "zh")]
    raise BindingRejected(
        reason_en=en.format(title=titles[0]), reason_zh=zh.format(title=titles[1]), path=("configuration", *where)
    )


def _said(error: ValidationError) -> tuple[tuple[str, ...], str, str]:
    """Where something is wrong, and what, in English and Chinese."""
    where = tuple(str(part) for part in error.absolute_path)
    given: Any = error.instance
    rules: Any = error.schema
    bound: Any = error.validator_value
    match error.validator:
        case "required":
            missing = next(name for name in bound if name not in given)
            return (*where, missing), "{title} is missing.", "缺少“{title}”。"
        case "additionalProperties":
            unknown = min(given.keys() - rules.get("properties", {}).keys())
            return (*where, unknown), "There is nothing called {title} to enter.", "没有名为“{title}”的配置项。"
        case "minLength":
            return where, f"{{title}} must have {bound} characters or more.", f"“{{title}}”至少须有 {bound} 个字符。"
        case "maxLength":
            return where, f"{{title}} must have at most {bound} characters.", f"“{{title}}”最多 {bound} 个字符。"
        case "enum":
            known = ", ".join(map(str, bound))
            return where, f"{{title}} must be one of {known}.", f"“{{title}}”须为 {known} 之一。"
        case "oneOf" | "anyOf" if error.context:
            return _said(error.context[0])
        case "oneOf" | "anyOf" | "dependentRequired":
            return where, "These entries do not fit together.", "所填各项不能同时使用。"
    return where, "{title} does not have the right form.", "“{title}”格式有误。"


def _title(schema: Mapping[str, Any], where: tuple[str, ...], locale: str) -> str:
    name = where[0][:60] if where else "configuration"
    return str(localized(schema, locale).get("properties", {}).get(name, {}).get("title", name))
