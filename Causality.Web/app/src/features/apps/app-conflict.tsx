import { GitCompareArrows } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Panel } from '@/shared/ui/page'
import { fieldLabels, type AppDraft, type AppField } from './app-draft'
import { ipPolicies } from './ip-policies'

/** The fields that somebody else changed too: one's own and theirs side by side, one's own chosen at first. */
export function AppConflict(props: {
  fields: readonly AppField[]
  mine: AppDraft
  theirs: AppDraft
  onResolve: (givenUp: ReadonlySet<AppField>) => void
}) {
  const [givenUp, setGivenUp] = useState<ReadonlySet<AppField>>(new Set())
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  const choose = (field: AppField, take: boolean) => {
    const next = new Set(givenUp)
    if (take) next.add(field)
    else next.delete(field)
    setGivenUp(next)
  }
  return (
    <section aria-labelledby="conflict" className="space-y-4">
      <div className="flex items-start gap-3">
        <GitCompareArrows className="mt-0.5 size-5 shrink-0 text-warning" aria-hidden />
        <div>
          <h2 id="conflict" ref={title} tabIndex={-1} className="text-base font-semibold outline-none">
            Somebody changed this app meanwhile
          </h2>
          <p className="text-muted-foreground">Nothing of yours was saved yet. Choose for each field which value stays.</p>
        </div>
      </div>
      <Panel className="divide-y divide-border">
        {props.fields.map((field) => (
          <fieldset key={field} className="p-4 sm:p-5">
            <legend className="float-left mb-2 w-full font-medium">{fieldLabels[field]}</legend>
            <div className="clear-both grid gap-3 sm:grid-cols-2">
              <Choice name={field} label="Keep mine" value={said(field, props.mine[field])} chosen={!givenUp.has(field)} onChoose={() => choose(field, false)} />
              <Choice name={field} label="Take theirs" value={said(field, props.theirs[field])} chosen={givenUp.has(field)} onChoose={() => choose(field, true)} />
            </div>
          </fieldset>
        ))}
      </Panel>
      <div className="flex justify-end">
        <Button onClick={() => props.onResolve(givenUp)}>{givenUp.size === props.fields.length ? 'Take theirs' : 'Save as chosen'}</Button>
      </div>
    </section>
  )
}

function Choice(props: { name: string; label: string; value: string; chosen: boolean; onChoose: () => void }) {
  return (
    <label className={cn('grid cursor-pointer grid-cols-[auto_1fr] gap-x-3 rounded-lg border p-3', props.chosen ? 'border-primary bg-accent' : 'border-border hover:bg-muted')}>
      <input type="radio" name={props.name} checked={props.chosen} onChange={props.onChoose} className="mt-0.5 size-4 accent-primary" />
      <span className="font-medium">{props.label}</span>
      <span className="col-start-2 min-w-0 break-words whitespace-pre-wrap text-muted-foreground">{props.value}</span>
    </label>
  )
}

function said(field: AppField, value: string) {
  if (field === 'retention_days') return value.trim() === '' ? 'For ever' : `${value} days`
  if (field === 'allowed_origins') return value.trim() === '' ? 'Every site' : value
  if (field === 'denied_properties') return value.trim() === '' ? 'None' : value
  if (field === 'enrichment') return value === 'on' ? 'On' : 'Off'
  if (field === 'ip_policy') return ipPolicies.find((policy) => policy.value === value)?.label ?? value
  return value
}
