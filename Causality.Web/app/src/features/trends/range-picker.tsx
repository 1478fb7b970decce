import { Calendar } from 'lucide-react'
import { useState, type SyntheticEvent } from 'react'
import { addDays, dayOf, formatInstant, isDay, type Day } from '@/shared/format/dates'
import { Button } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Input } from '@/shared/ui/input'
import { Popover, PopoverContent, PopoverTrigger } from '@/shared/ui/popover'
import { ChoiceGroup } from '@/shared/ui/toggle-group'
import { daysOf, presetLabels, presets, type Range } from './range'

/** A preset that moves with the clock, or a custom first and last day. */
export function RangePicker(props: { range: Range; zone: string; onChange: (range: Range) => void }) {
  const { range, onChange } = props
  const [open, setOpen] = useState(false)
  const custom = 'preset' in range ? undefined : range
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ChoiceGroup
        label="Date range"
        value={'preset' in range ? range.preset : undefined}
        choices={presets.map((preset) => ({ value: preset, label: preset, hint: presetLabels[preset] }))}
        onChange={(preset) => onChange({ preset })}
      />
      <Popover open={open} onOpenChange={setOpen}>
        <PopoverTrigger asChild>
          <Button variant="outline" className={cn('font-normal', custom && 'border-primary')}>
            <Calendar className="text-muted-foreground" aria-hidden />
            {custom ? `${shortDay(custom.from)} – ${shortDay(custom.to)}` : 'Custom'}
          </Button>
        </PopoverTrigger>
        <PopoverContent aria-label="Custom range" className="p-4">
          <CustomRange
            range={range}
            zone={props.zone}
            onApply={(days) => {
              onChange(days)
              setOpen(false)
            }}
          />
        </PopoverContent>
      </Popover>
    </div>
  )
}

function CustomRange(props: { range: Range; zone: string; onApply: (range: { from: Day; to: Day }) => void }) {
  const today = dayOf(new Date(), props.zone)
  const [from, setFrom] = useState('from' in props.range ? props.range.from : addDays(today, 1 - daysOf(props.range)))
  const [to, setTo] = useState('to' in props.range ? props.range.to : today)
  const complete = isDay(from) && isDay(to)
  const wrong = complete && from > to
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (complete && !wrong) props.onApply({ from, to })
  }
  return (
    <form onSubmit={submit} className="space-y-3" noValidate>
      <div className="grid gap-3 sm:grid-cols-2">
        <div className="space-y-1.5">
          <label htmlFor="range-from" className="block font-medium">
            From
          </label>
          <Input id="range-from" type="date" value={from} onChange={(event) => setFrom(event.target.value)} required />
        </div>
        <div className="space-y-1.5">
          <label htmlFor="range-to" className="block font-medium">
            To, included
          </label>
          <Input id="range-to" type="date" value={to} onChange={(event) => setTo(event.target.value)} required aria-invalid={wrong || undefined} />
        </div>
      </div>
      {wrong && (
        <p role="alert" className="text-danger">
          The range ends before it begins.
        </p>
      )}
      <Button type="submit" className="w-full" disabled={!complete || wrong}>
        Apply
      </Button>
    </form>
  )
}

const shortDay = (day: Day) => formatInstant(new Date(day), 'UTC', { month: 'short', day: 'numeric', year: 'numeric' })
