import { SCALAR_STYLE, type ScalarLayout } from "js-yaml";

/** What Go's YAML writer escapes: tabs and other controls, and what lies beyond the basic plane. */
const escaped = /[^\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[\u2028\u2029]/u;

/**
 * Writes a string as Kubernetes' tools do, which all use the same Go library: plain if that can be read back, several lines as
 * a block, otherwise in single quotes, and in double quotes only if something must be escaped. Substitution in the written
 * text depends on it: quoted and plain text allow different characters.
 */
export function chooseAsGo(layout: ScalarLayout): void {
  const { value } = layout.node;
  const allows = (style: ScalarLayout["style"]) => (layout.allowedStylesMask & (1 << style)) !== 0;
  if (escaped.test(value) || / \n/.test(value)) layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
  else if (value.includes("\n")) {
    const isBlock = !layout.isKey && !value.endsWith(" ") && allows(SCALAR_STYLE.LITERAL_BLOCK);
    layout.style = isBlock ? SCALAR_STYLE.LITERAL_BLOCK : SCALAR_STYLE.DOUBLE_QUOTED;
  } else if (!allows(SCALAR_STYLE.PLAIN) || /^(?:---|\.\.\.)/.test(value)) {
    layout.style = allows(SCALAR_STYLE.SINGLE_QUOTED) ? SCALAR_STYLE.SINGLE_QUOTED : SCALAR_STYLE.DOUBLE_QUOTED;
  }
}
