import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode, type SyntheticEvent } from 'react'
import { ApiProblem, fieldError, formError } from '@/shared/api'
import { appsQuery } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { Panel } from '@/shared/ui/page'
import { Select } from '@/shared/ui/select'
import { textareaStyle } from '@/shared/ui/textarea'
import { toast } from '@/shared/ui/toast'
import { ZonePicker } from '@/shared/ui/zone-picker'
import { AppConflict } from './app-conflict'
import { appFields, changesOf, conflictsOf, differing, draftOf, merged, type AppDraft, type AppField } from './app-draft'
import { appQuery, changeApp, type AppDetails } from './apps.queries'
import { ipPolicies } from './ip-policies'

/**
 * The settings of an app. What somebody else saved meanwhile is not written over: fields that both changed are shown
 * side by side to choose from, all others are taken as they are now.
 */
export function AppSettingsForm({ app, mayChange }: { app: AppDetails; mayChange: boolean }) {
  const queryClient = useQueryClient()
  // what the draft began from; it moves on with the server's only while nothing is changed here
  const [base, setBase] = useState(app)
  const [draft, setDraft] = useState(() => draftOf(app))
  const [theirs, setTheirs] = useState<AppDetails>()
  const changed = differing(draft, draftOf(base))
  if (app.version > base.version && changed.length === 0 && !theirs) {
    setBase(app)
    setDraft(draftOf(app))
  }

  const adopt = (saved: AppDetails) => {
    setBase(saved)
    setDraft(draftOf(saved))
    setTheirs(undefined)
    queryClient.setQueryData(appQuery(app.id).queryKey, saved)
  }
  const save = useMutation({
    mutationFn: (from: { base: AppDetails; draft: AppDraft }) => changeApp(app.id, from.base.version, changesOf(draftOf(from.base), from.draft)),
    onSuccess: (saved) => {
      adopt(saved)
      void queryClient.invalidateQueries({ queryKey: appsQuery.queryKey })
      toast({ title: 'Settings saved' })
    },
    onError: async (error, from) => {
      if (!(error instanceof ApiProblem && error.code === 'app-changed')) return
      const now = await queryClient.query({ ...appQuery(app.id), staleTime: 0 })
      if (conflictsOf(draftOf(from.base), from.draft, draftOf(now)).length > 0) setTheirs(now)
      // what the others changed are other fields
      else rebase(from, now, new Set())
    },
  })
  const rebase = (from: { base: AppDetails; draft: AppDraft }, now: AppDetails, givenUp: ReadonlySet<AppField>) => {
    const next = merged(draftOf(from.base), from.draft, draftOf(now), givenUp)
    setBase(now)
    setDraft(next)
    setTheirs(undefined)
    if (differing(next, draftOf(now)).length > 0) save.mutate({ base: now, draft: next })
    else adopt(now)
  }

  const days = /^\d*$/.test(draft.retention_days.trim())
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (changed.length > 0 && days) save.mutate({ base, draft })
  }
  const change = (field: AppField) => (value: string) => setDraft((now) => ({ ...now, [field]: value }))
  const refused = (field: AppField) => fieldError(save.error, field)
  const retention = days ? refused('retention_days') : 'Must be a whole number of days, or empty.'
  const conflict = save.error instanceof ApiProblem && save.error.code === 'app-changed'
  const trouble = conflict ? undefined : formError(save.error, appFields)

  if (theirs)
    return (
      <AppConflict
        fields={conflictsOf(draftOf(base), draft, draftOf(theirs))}
        mine={draft}
        theirs={draftOf(theirs)}
        onResolve={(givenUp) => rebase({ base, draft }, theirs, givenUp)}
      />
    )
  return (
    <form onSubmit={submit} noValidate aria-label="Settings" className="space-y-4">
      {!mayChange && <Alert tone="info">You read these settings. Changing them needs the role admin.</Alert>}
      <fieldset disabled={!mayChange}>
        <Panel className="divide-y divide-border">
          <Row>
            <Field label="Name" error={refused('name')}>
              {(control) => <Input {...control} value={draft.name} onChange={(event) => change('name')(event.target.value)} />}
            </Field>
            <Field label="Time zone" named hint="Where the app's days begin, in charts and in SQL." error={refused('time_zone')}>
              {() => <ZonePicker zone={draft.time_zone} onChange={change('time_zone')} disabled={!mayChange} className="w-full border-control" />}
            </Field>
          </Row>
          <Row>
            <Field
              label="Allowed origins"
              hint={
                <>
                  One per line, such as <code className="font-mono">https://shop.example.com</code> or <code className="font-mono">https://*.example.com</code>. The sites that
                  may send events; empty is all of them. Pages of other sites are refused.
                </>
              }
              error={refused('allowed_origins')}
              className="sm:col-span-2"
            >
              {(control) => (
                <textarea
                  {...control}
                  rows={3}
                  spellCheck={false}
                  autoCapitalize="none"
                  value={draft.allowed_origins}
                  onChange={(event) => change('allowed_origins')(event.target.value)}
                  className={textareaStyle}
                />
              )}
            </Field>
          </Row>
          <Row>
            <Field label="Retention in days" hint="How long events are meant to stay; empty is for ever. Nothing is deleted by it yet." error={retention}>
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  inputMode="numeric"
                  min={1}
                  placeholder="For ever"
                  value={draft.retention_days}
                  onChange={(event) => change('retention_days')(event.target.value)}
                />
              )}
            </Field>
            <Field label="IP addresses" hint={ipPolicies.find(({ value }) => value === draft.ip_policy)?.meaning} error={refused('ip_policy')}>
              {(control) => (
                <Select {...control} value={draft.ip_policy} onChange={(event) => change('ip_policy')(event.target.value)} className="w-full">
                  {ipPolicies.map(({ value, label }) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          </Row>
          <Row>
            <Field
              label="Denied properties"
              hint={
                <>
                  One per line, such as <code className="font-mono">password</code> or <code className="font-mono">card*</code>. Properties of these names, at any depth, are not
                  stored.
                </>
              }
              error={refused('denied_properties')}
            >
              {(control) => (
                <textarea
                  {...control}
                  rows={2}
                  spellCheck={false}
                  autoCapitalize="none"
                  value={draft.denied_properties}
                  onChange={(event) => change('denied_properties')(event.target.value)}
                  className={textareaStyle}
                />
              )}
            </Field>
            <Field label="Enrichment" hint="Browser, device, campaign and referrer class of web events, where the client does not say them." error={refused('enrichment')}>
              {(control) => (
                <Select {...control} value={draft.enrichment} onChange={(event) => change('enrichment')(event.target.value)} className="w-full">
                  <option value="on">On</option>
                  <option value="off">Off</option>
                </Select>
              )}
            </Field>
          </Row>
        </Panel>
      </fieldset>
      {trouble && <Alert>{trouble}</Alert>}
      {mayChange && (
        <div className="flex flex-wrap items-center justify-end gap-2">
          {changed.length > 0 && (
            <Button variant="ghost" onClick={() => setDraft(draftOf(base))}>
              Discard changes
            </Button>
          )}
          <Button type="submit" disabled={changed.length === 0 || save.isPending}>
            {save.isPending ? 'Saving…' : 'Save'}
          </Button>
        </div>
      )}
    </form>
  )
}

function Row({ children }: { children: ReactNode }) {
  return <div className="grid gap-x-6 gap-y-4 p-4 sm:grid-cols-2 sm:p-5">{children}</div>
}
