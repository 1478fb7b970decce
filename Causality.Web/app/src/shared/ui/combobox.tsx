import { Check, ChevronsUpDown } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { cn } from './cn'
import { Button } from './button'
import { Command, CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList } from './command'
import { Popover, PopoverContent, PopoverTrigger } from './popover'

export interface ComboboxOption {
  value: string
  label: string
  hint?: string
  group?: string
}

/** Picks one of many with a search box. The button says what is chosen; `label` names it to assistive technology. */
export function Combobox(props: {
  label: string
  value: string
  options: readonly ComboboxOption[]
  onChange: (value: string) => void
  icon?: ReactNode
  placeholder?: string
  disabled?: boolean
  className?: string
}) {
  const [open, setOpen] = useState(false)
  const chosen = props.options.find((option) => option.value === props.value)
  const groups = new Map<string | undefined, ComboboxOption[]>()
  for (const option of props.options) groups.set(option.group, [...(groups.get(option.group) ?? []), option])
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button variant="outline" disabled={props.disabled} className={cn('min-w-0 justify-between font-normal', props.className)}>
          {props.icon}
          <span className="sr-only">{props.label}: </span>
          <span className="flex-1 truncate text-left">{chosen?.label ?? props.value}</span>
          <ChevronsUpDown className="text-muted-foreground" aria-hidden />
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label={props.label} className="w-72">
        <Command label={props.label} defaultValue={props.value}>
          <CommandInput placeholder={props.placeholder ?? 'Search…'} />
          <CommandList>
            <CommandEmpty>Nothing matches.</CommandEmpty>
            {[...groups].map(([group, options]) => (
              <CommandGroup key={group ?? ''} heading={group}>
                {options.map((option) => (
                  <CommandItem
                    key={option.value}
                    value={option.value}
                    keywords={[option.label, ...(option.hint ? [option.hint] : [])]}
                    onSelect={() => {
                      props.onChange(option.value)
                      setOpen(false)
                    }}
                  >
                    <Check className={cn('size-4 shrink-0', option.value !== props.value && 'invisible')} aria-hidden />
                    <span className="flex-1 truncate">{option.label}</span>
                    {option.hint && <span className="text-xs text-muted-foreground">{option.hint}</span>}
                  </CommandItem>
                ))}
              </CommandGroup>
            ))}
          </CommandList>
        </Command>
      </PopoverContent>
    </Popover>
  )
}
