import { cn } from '@/shared/ui/cn'
import type { Line } from './series'
import type { EventType } from './trends.queries'

/** The category of an event type whose name needs it: "view" says little, "view · screen" enough. Custom events were named by people. */
export const categoryOf = (type: EventType) => (type.event_category === 'custom' ? undefined : type.event_category)

export function categoriesOf(types: readonly EventType[]): ReadonlyMap<string, string> {
  const categories = new Map<string, string>()
  for (const type of types) {
    const category = categoryOf(type)
    if (category) categories.set(type.event_type, category)
  }
  return categories
}

/** An event type and, quieter, its category. */
export function EventName({ event, category, className }: { event: string; category: string | undefined; className?: string | undefined }) {
  return (
    <span className={cn('block truncate', className)}>
      {event} {category && <span className="font-normal text-muted-foreground">· {category}</span>}
    </span>
  )
}

/** A line by its parts: the event, its category, the value of the breakdown. `stacked` puts the value first and the event below it. */
export function LineName({ line, stacked = false, className }: { line: Line; stacked?: boolean; className?: string | undefined }) {
  if (line.event === undefined) return <span className={cn('block truncate', className)}>{line.value}</span>
  if (line.value === undefined) return <EventName event={line.event} category={line.category} className={className} />
  if (stacked)
    return (
      <span className={cn('block min-w-0', className)}>
        <span className="block truncate">{line.value}</span>
        <EventName event={line.event} category={line.category} className="text-xs text-muted-foreground" />
      </span>
    )
  return (
    <span className={cn('block truncate', className)}>
      {line.value} <span className="text-muted-foreground">· {[line.event, line.category].filter(Boolean).join(' · ')}</span>
    </span>
  )
}
