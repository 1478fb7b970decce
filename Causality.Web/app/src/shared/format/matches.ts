const words = (text: string) => text.toLowerCase().split(/[\s/_+:·-]+/).filter(Boolean)

/**
 * How well a text answers a search: 1 when each word searched begins a word of the text or of its keywords
 * ("lord" finds Lord_Howe), 0.5 when it is found inside one, 0 when not at all.
 */
export function matches(text: string, search: string, keywords: readonly string[] = []): number {
  const own = [text, ...keywords].flatMap(words)
  const scores = words(search).map((word) => (own.some((each) => each.startsWith(word)) ? 1 : own.some((each) => each.includes(word)) ? 0.5 : 0))
  return Math.min(1, ...scores)
}
