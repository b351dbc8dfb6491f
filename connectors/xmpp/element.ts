/** One XML element of a stanza. */
export interface XmlElement {
  readonly name: string
  readonly namespace: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  text: string
}

/** The first child of that name, and of that namespace where one is given. */
export function childOf(element: XmlElement, name: string, namespace?: string): XmlElement | undefined {
  for (const child of element.children) {
    if (child.name === name && (namespace === undefined || child.namespace === namespace)) return child
  }
  return undefined
}

/** Writes text into XML: as content or between double quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
