import { cn } from './cn'

/** The first letter of a name on a tile: a person's is round, an organization's square. Drawn by CSS, for it is no text to read or copy. */
export function Initial({ name, round = false, className }: { name: string; round?: boolean; className?: string }) {
  return (
    <span
      aria-hidden
      data-letter={String.fromCodePoint(name.trim().codePointAt(0) ?? 0x2013)}
      className={cn('grid size-7 shrink-0 place-items-center text-xs font-semibold uppercase before:content-[attr(data-letter)]', round ? 'rounded-full bg-muted text-foreground' : 'rounded-md bg-accent text-foreground', className)}
    />
  )
}
