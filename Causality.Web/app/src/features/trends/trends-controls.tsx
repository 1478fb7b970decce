import { Split } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '@/shared/ui/cn'
import { Combobox, type ComboboxOption } from '@/shared/ui/combobox'
import { ChoiceGroup } from '@/shared/ui/toggle-group'
import { ZonePicker } from '@/shared/ui/zone-picker'
import { breakdownColumns } from './breakdown-columns'
import { EventPicker } from './event-picker'
import { effectiveInterval, intervals, refusal, refusals, type Range } from './range'
import { RangePicker } from './range-picker'
import type { EventType, Question } from './trends.queries'
import { showing, type TrendsSearch } from './trends-search'

const breakdowns: ComboboxOption[] = [
  { value: '', label: 'None' },
  ...breakdownColumns.flatMap(({ group, columns }) => Object.entries(columns).map(([value, label]) => ({ value, label, group }))),
]

/** What is asked: events, range, granularity, breakdown, time zone. */
export function TrendsControls(props: {
  search: TrendsSearch
  question: Question
  types: readonly EventType[]
  /** The app's own time zone. */
  appZone: string
  onSearch: (search: TrendsSearch) => void
  /** The list of event types is about to be read. */
  onCatalog: () => void
}) {
  const { search, question, onSearch } = props
  // Other events or another breakdown are other series: which of the old were hidden says nothing about them.
  const change = (part: Partial<TrendsSearch>) => onSearch({ ...search, ...showing(undefined), ...part })
  const changeRange = (range: Range) =>
    onSearch({
      ...search,
      range: 'preset' in range ? range.preset : undefined,
      from: 'from' in range ? range.from : undefined,
      to: 'to' in range ? range.to : undefined,
      // a granularity that the new range refuses is forgotten, so that it does not come back by surprise
      interval: search.interval && effectiveInterval(search.interval, range) === search.interval ? search.interval : undefined,
    })
  return (
    <div className="space-y-3">
      <Field label="Events">
        <EventPicker types={props.types} chosen={question.events} onChange={(event) => change({ event })} onOpen={props.onCatalog} />
      </Field>
      <div className="grid grid-cols-2 gap-x-3 gap-y-3 sm:flex sm:flex-wrap sm:gap-x-5">
        <Field label="Range" wide>
          <RangePicker range={question.range} zone={question.zone} onChange={changeRange} />
        </Field>
        <Field label="Granularity" wide>
          <ChoiceGroup
            label="Granularity"
            value={question.interval}
            choices={intervals.map((interval) => {
              const reason = refusal(interval, question.range)
              return { value: interval, label: interval.charAt(0).toUpperCase() + interval.slice(1), disabled: reason !== undefined, reason }
            })}
            hint={refusals(question.range)}
            onChange={(interval) => onSearch({ ...search, interval })}
          />
        </Field>
        <Field label="Breakdown">
          <Combobox
            label="Breakdown"
            value={question.breakdown ?? ''}
            options={breakdowns}
            onChange={(breakdown) => change({ breakdown: breakdown || undefined })}
            placeholder="Search columns…"
            icon={<Split className="text-muted-foreground max-sm:hidden" aria-hidden />}
            className="w-full sm:w-48"
          />
        </Field>
        <Field label="Time zone">
          <ZonePicker zone={question.zone} near={props.appZone} onChange={(tz) => onSearch({ ...search, tz })} className="w-full sm:w-52" />
        </Field>
      </div>
    </div>
  )
}

function Field({ label, wide = false, children }: { label: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={cn('min-w-0 space-y-1', wide && 'col-span-2')}>
      <p className="text-xs font-medium text-muted-foreground">{label}</p>
      {children}
    </div>
  )
}
