/** Search parameters as people read them: `event=a&event=b`, not JSON. An empty list is `event=`. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const params = new URLSearchParams(text)
  const search: Record<string, string | string[]> = {}
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name)
    search[name] = values.length === 1 ? (values[0] ?? '') : values
  }
  return search
}

export function stringifySearch(search: Record<string, string | number | readonly string[] | null | undefined>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'object' && value !== null) (value.length > 0 ? value : ['']).forEach((each) => params.append(name, each))
    else if (value !== undefined && value !== null) params.append(name, String(value))
  }
  const text = params.toString()
  return text ? `?${text}` : ''
}
