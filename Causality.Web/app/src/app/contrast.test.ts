import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** The colors of styles.css by name, each for light and dark. */
const colors = new Map(
  [...readFileSync('src/app/styles.css', 'utf8').matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = '', light = '', dark = '']) => [name, { light, dark }]),
)

function luminance(hex: string) {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG 2.2's contrast ratio of two of the colors. */
function contrast(one: string, other: string, theme: 'light' | 'dark') {
  const [light = 0, dark = 0] = [one, other].map((name) => luminance(colors.get(name)?.[theme] ?? '')).sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const grounds = ['background', 'surface', 'raised', 'muted']
const texts = [
  ...['foreground', 'muted-foreground'].flatMap((text) => [...grounds, 'accent'].map((ground) => [text, ground] as const)),
  ...['primary', 'danger', 'success', 'warning'].flatMap((text) => ['background', 'surface', 'raised'].map((ground) => [text, ground] as const)),
  ['primary-foreground', 'primary'],
  ['danger-foreground', 'danger'],
  ['danger', 'danger-surface'],
  ['warning', 'warning-surface'],
  ['success', 'success-surface'],
  ['foreground', 'selected'],
] as const
const shapes = [
  ...['control', 'primary'].flatMap((shape) => ['background', 'surface', 'raised'].map((ground) => [shape, ground] as const)),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => [`series-${n}`, 'surface'] as const),
]

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(texts)('%s is read on %s', (text, ground) => expect(contrast(text, ground, theme)).toBeGreaterThanOrEqual(4.5))
  it.each(shapes)('%s is seen on %s', (shape, ground) => expect(contrast(shape, ground, theme)).toBeGreaterThanOrEqual(3))
})
