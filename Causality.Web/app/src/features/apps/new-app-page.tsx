import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { fieldError, formError } from '@/shared/api'
import { browserZone } from '@/shared/format/dates'
import { isAdmin, roleOf, withArticle } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { appsQuery } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { NeedsRole, Page, Panel } from '@/shared/ui/page'
import { ZonePicker } from '@/shared/ui/zone-picker'
import { idOf } from './app-draft'
import { createApp } from './apps.queries'
import { Steps } from './steps'

/** A new app of the organization; its key and first event come next. */
export function NewAppPage({ onCreated }: { onCreated: (app: string) => void }) {
  const { organization, apps } = useWorkspace()
  const first = !apps.some((app) => app.organization_id === organization?.id)
  return (
    <Page title={first ? 'Create your first app' : 'New app'} description={`An app is what sends events: a site, a mobile app, a service.${organization ? ` It belongs to ${organization.name}.` : ''}`}>
      {organization && isAdmin(organization) ? (
        <>
          <Steps at={1} />
          <NewAppForm key={organization.id} organization={organization.id} onCreated={onCreated} />
        </>
      ) : (
        <NeedsRole title="Creating an app needs the role admin">
          {organization ? `You are ${withArticle(roleOf(organization.role))} of ${organization.name}. Ask one of its admins.` : 'Create an organization first, or ask for an invitation.'}
        </NeedsRole>
      )}
    </Page>
  )
}

function NewAppForm({ organization, onCreated }: { organization: string; onCreated: (app: string) => void }) {
  const queryClient = useQueryClient()
  const [name, setName] = useState('')
  // follows the name until it is written by hand
  const [ownId, setId] = useState<string>()
  const [zone, setZone] = useState(browserZone)
  const id = ownId ?? idOf(name)
  const create = useMutation({
    mutationFn: () => createApp({ organization_id: organization, id, name: name.trim(), time_zone: zone }),
    onSuccess: async (app) => {
      await queryClient.invalidateQueries({ queryKey: appsQuery.queryKey })
      onCreated(app.id)
    },
  })
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (name.trim() && id) create.mutate()
  }
  const trouble = formError(create.error, ['name', 'id', 'time_zone'])
  return (
    <form onSubmit={submit} noValidate aria-label="App" aria-busy={create.isPending} className="space-y-4">
      <Panel className="grid gap-x-6 gap-y-4 p-4 sm:grid-cols-2 sm:p-5">
        <Field label="Name" error={fieldError(create.error, 'name')}>
          {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} placeholder="Web shop" autoComplete="off" maxLength={80} />}
        </Field>
        <Field label="Id" hint="Part of paths and of every event; it cannot be changed. A–Z a–z 0–9 . _ -" error={fieldError(create.error, 'id')}>
          {(control) => (
            <Input
              {...control}
              value={id}
              onChange={(event) => setId(event.target.value)}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={128}
              className="font-mono md:text-code"
            />
          )}
        </Field>
        <Field label="Time zone" named hint="Where the app's days begin." error={fieldError(create.error, 'time_zone')}>
          {() => <ZonePicker zone={zone} onChange={setZone} className="w-full border-control" />}
        </Field>
      </Panel>
      {trouble && <Alert>{trouble}</Alert>}
      <div className="flex justify-end">
        <Button type="submit" disabled={!name.trim() || !id || create.isPending}>
          {create.isPending ? 'Creating…' : 'Create app'}
        </Button>
      </div>
    </form>
  )
}
