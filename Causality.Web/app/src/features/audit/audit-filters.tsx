import { SlidersHorizontal } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { Select } from '@/shared/ui/select'
import { isNarrowed, type AuditSearch } from './audit-search'

/** How long after the last key a text counts as typed. */
const pause = 300

export function AuditFilters({ search, actions, onSearch }: { search: AuditSearch; actions: readonly string[]; onSearch: (search: AuditSearch) => void }) {
  const change = (part: Partial<AuditSearch>) => onSearch({ ...search, ...part })
  // an action of the URL that is in no entry must still be seen as what is asked for
  const known = search.action && !actions.includes(search.action) ? [search.action, ...actions] : actions
  const narrowed = isNarrowed(search)
  // a small window shows the text first, the others when asked for
  const [open, setOpen] = useState(narrowed)
  const more = cn(!open && 'max-md:hidden')
  return (
    <form role="search" aria-label="Audit log" onSubmit={(event) => event.preventDefault()} className="grid grid-cols-2 items-end gap-3 md:grid-cols-3 lg:grid-cols-[2fr_2fr_1.5fr_auto_auto_auto]">
      <div className="flex items-end gap-2 max-md:col-span-2">
        <TypedField label="Text" placeholder="Subject, address, value…" value={search.q} onChange={(q) => change({ q })} className="flex-1" />
        <Button variant="outline" className="md:hidden" aria-expanded={open} onClick={() => setOpen(!open)}>
          <SlidersHorizontal aria-hidden />
          Filters
        </Button>
      </div>
      <TypedField label="Person" placeholder="ada@example.com" value={search.actor} onChange={(actor) => change({ actor })} className={cn('max-md:col-span-2', more)} />
      <Field label="Action" className={cn('max-md:col-span-2', more)}>
        {(control) => (
          <Select {...control} value={search.action ?? ''} onChange={(event) => change({ action: event.target.value || undefined })} className="w-full">
            <option value="">All</option>
            {known.map((action) => (
              <option key={action} value={action}>
                {action}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <DayField label="From" value={search.from} onChange={(from) => change({ from })} className={more} />
      <DayField label="To, included" value={search.to} onChange={(to) => change({ to })} className={more} />
      <Button variant="ghost" className={cn('max-md:col-span-2', !narrowed && 'invisible max-md:hidden')} onClick={() => onSearch({ organization: search.organization })}>
        Clear
      </Button>
    </form>
  )
}

function DayField(props: { label: string; value: string | undefined; onChange: (value: string | undefined) => void; className: string }) {
  const { label, value, onChange, className } = props
  return (
    <Field label={label} className={className}>
      {(control) => <Input {...control} type="date" value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)} />}
    </Field>
  )
}

/** Text that is asked for when its writer pauses. What changes elsewhere, as by the back button, is written into it. */
function TypedField(props: { label: string; placeholder: string; value: string | undefined; onChange: (value: string | undefined) => void; className?: string }) {
  const [typed, setTyped] = useState(props.value ?? '')
  const [given, setGiven] = useState(props.value)
  if (props.value !== given) {
    setGiven(props.value)
    if ((props.value ?? '') !== typed.trim()) setTyped(props.value ?? '')
  }
  const latest = useRef(props.onChange)
  useEffect(() => {
    latest.current = props.onChange
  })
  useEffect(() => {
    const next = typed.trim() || undefined
    if (next === given) return
    const timer = setTimeout(() => latest.current(next), pause)
    return () => clearTimeout(timer)
  }, [typed, given])
  return (
    <Field label={props.label} {...(props.className ? { className: props.className } : {})}>
      {(control) => (
        <Input {...control} type="search" value={typed} placeholder={props.placeholder} autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setTyped(event.target.value)} />
      )}
    </Field>
  )
}
