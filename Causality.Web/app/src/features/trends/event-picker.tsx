import { Check, ChevronsUpDown, X } from 'lucide-react'
import { useState } from 'react'
import { formatAgo } from '@/shared/format/dates'
import { formatNumber, formatShort } from '@/shared/format/numbers'
import { Button } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Command, CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList } from '@/shared/ui/command'
import { Popover, PopoverContent, PopoverTrigger } from '@/shared/ui/popover'
import { categoriesOf, categoryOf, EventName } from './event-name'
import type { EventType } from './trends.queries'
import { maxEvents } from './trends-search'

/** Chooses one or more event types; each tells its volume and when it was last seen. `onOpen`: the list is about to be read. */
export function EventPicker(props: {
  types: readonly EventType[]
  chosen: readonly string[]
  onChange: (events: string[]) => void
  onOpen: () => void
}) {
  const { types, chosen, onChange, onOpen } = props
  const categories = categoriesOf(types)
  const [open, setOpen] = useState(false)
  const now = new Date()
  const remove = (event: string) => onChange(chosen.filter((each) => each !== event))
  const toggle = (event: string) => (chosen.includes(event) ? remove(event) : onChange([...chosen, event]))
  const full = chosen.length >= maxEvents

  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      {chosen.map((event) => (
        <span key={event} className="inline-flex h-9 max-w-full items-center rounded-md bg-accent pl-3 font-medium">
          <EventName event={event} category={categories.get(event)} />
          <button
            type="button"
            aria-label={`Remove ${event}`}
            onClick={() => remove(event)}
            className="m-1 grid size-7 shrink-0 place-items-center rounded text-muted-foreground -outline-offset-2 hover:text-foreground"
          >
            <X className="size-3.5" aria-hidden />
          </button>
        </span>
      ))}
      <Popover
        open={open}
        onOpenChange={(next) => {
          setOpen(next)
          if (next) onOpen()
        }}
      >
        <PopoverTrigger asChild>
          <Button variant="outline" className="font-normal">
            {chosen.length === 0 ? 'Choose events' : 'Add event'}
            <ChevronsUpDown className="text-muted-foreground" aria-hidden />
          </Button>
        </PopoverTrigger>
        <PopoverContent aria-label="Events" className="w-96">
          <Command label="Events">
            <CommandInput placeholder="Search events…" />
            <CommandList aria-multiselectable>
              <CommandEmpty>No event of that name was seen yet.</CommandEmpty>
              <CommandGroup heading={full ? `Up to ${maxEvents} events; remove one to add another` : `${types.length} event types`}>
                {types.map((type) => {
                  const picked = chosen.includes(type.event_type)
                  return (
                    <CommandItem
                      key={type.event_type}
                      value={type.event_type}
                      keywords={[type.event_category]}
                      disabled={full && !picked}
                      onSelect={() => toggle(type.event_type)}
                      aria-checked={picked}
                    >
                      <span className={cn('grid size-4 shrink-0 place-items-center rounded border border-control', picked && 'border-primary bg-primary text-primary-foreground')}>
                        {picked && <Check className="size-3" aria-hidden />}
                      </span>
                      <span className="min-w-0 flex-1">
                        <EventName event={type.event_type} category={categoryOf(type)} />
                      </span>
                      <span className="text-right text-xs text-muted-foreground tabular-nums">
                        <span className="block text-foreground" title={formatNumber(type.count)}>
                          {formatShort(type.count)}
                        </span>
                        {formatAgo(new Date(type.last_seen), now)}
                      </span>
                    </CommandItem>
                  )
                })}
              </CommandGroup>
            </CommandList>
          </Command>
        </PopoverContent>
      </Popover>
    </div>
  )
}
