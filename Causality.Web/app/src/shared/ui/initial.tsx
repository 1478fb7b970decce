import { cn } from './cn'

/** The first letter of a name on a tile: a person's is round, an organization's square. */
export function Initial({ name, round = false, className }: { name: string; round?: boolean; className?: string }) {
  return (
    <span
      aria-hidden
      className={cn('grid size-7 shrink-0 place-items-center text-xs font-semibold uppercase', round ? 'rounded-full bg-muted text-foreground' : 'rounded-md bg-accent text-foreground', className)}
    >
      {String.fromCodePoint(name.trim().codePointAt(0) ?? 0x2013)}
    </span>
  )
}
