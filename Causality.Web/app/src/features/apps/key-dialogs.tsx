import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { fieldError, formError } from '@/shared/api'
import { formatMoment } from '@/shared/format/dates'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { CopyLine } from '@/shared/ui/code-block'
import { Confirm } from '@/shared/ui/confirm'
import { Dialog, DialogActions, DialogClose, DialogContent } from '@/shared/ui/dialog'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { Select } from '@/shared/ui/select'
import { toast } from '@/shared/ui/toast'
import { createKey, keysQuery, revokeKey, rotateKey, type ApiKey, type NewKey } from './apps.queries'

const lifetimes = [
  { days: '', label: 'Never' },
  { days: '30', label: 'In 30 days' },
  { days: '90', label: 'In 90 days' },
  { days: '365', label: 'In a year' },
]

const overlaps = [
  { hours: 0, label: 'At once' },
  { hours: 1, label: 'After 1 hour' },
  { hours: 24, label: 'After 1 day' },
  { hours: 168, label: 'After 7 days' },
  { hours: 720, label: 'After 30 days' },
]

export function CreateKeyDialog({ app, onClose }: { app: string; onClose: () => void }) {
  const [name, setName] = useState('')
  const [days, setDays] = useState('')
  const refresh = useRefreshKeys(app)
  const create = useMutation({
    mutationFn: () => createKey(app, name.trim(), days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : undefined),
    onSuccess: refresh,
  })
  if (create.data) return <NewKeyDialog made={create.data} onClose={onClose} />
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (name.trim()) create.mutate()
  }
  const trouble = formError(create.error, ['name', 'expires_at'])
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogContent title="New API key" description="One key per program that sends events, so that each can be revoked by itself.">
        <form onSubmit={submit} noValidate className="space-y-4">
          <Field label="Name" hint="Where it will be used, such as “Web shop”." error={fieldError(create.error, 'name')}>
            {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" maxLength={80} />}
          </Field>
          <Field label="Expires" error={fieldError(create.error, 'expires_at')}>
            {(control) => (
              <Select {...control} value={days} onChange={(event) => setDays(event.target.value)} className="w-full">
                {lifetimes.map((each) => (
                  <option key={each.days} value={each.days}>
                    {each.label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {trouble && <Alert>{trouble}</Alert>}
          <DialogActions>
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={!name.trim() || create.isPending}>
              Create key
            </Button>
          </DialogActions>
        </form>
      </DialogContent>
    </Dialog>
  )
}

export function RotateKeyDialog({ app, apiKey, onClose }: { app: string; apiKey: ApiKey; onClose: () => void }) {
  const [hours, setHours] = useState(24)
  const refresh = useRefreshKeys(app)
  const rotate = useMutation({ mutationFn: () => rotateKey(app, apiKey.id, hours), onSuccess: refresh })
  if (rotate.data) return <NewKeyDialog made={rotate.data} onClose={onClose} />
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogContent title={`Rotate ${apiKey.name}`} description="Makes a new key. The old one goes on working meanwhile, so that you can change it where it is used.">
        <div className="space-y-4">
          <Field label="The old key ends">
            {(control) => (
              <Select {...control} value={hours} onChange={(event) => setHours(Number(event.target.value))} className="w-full">
                {overlaps.map((each) => (
                  <option key={each.hours} value={each.hours}>
                    {each.label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {rotate.isError && <Alert>{rotate.error.message}</Alert>}
        </div>
        <DialogActions>
          <DialogClose asChild>
            <Button variant="outline">Cancel</Button>
          </DialogClose>
          <Button disabled={rotate.isPending} onClick={() => rotate.mutate()}>
            Rotate key
          </Button>
        </DialogActions>
      </DialogContent>
    </Dialog>
  )
}

export function RevokeKeyDialog({ app, apiKey, onClose }: { app: string; apiKey: ApiKey; onClose: () => void }) {
  const refresh = useRefreshKeys(app)
  const revoke = useMutation({
    mutationFn: () => revokeKey(app, apiKey.id),
    onSuccess: async () => {
      onClose()
      toast({ title: `${apiKey.name} is revoked`, description: 'Events sent with it are refused within five seconds.' })
      await refresh()
    },
  })
  return (
    <Confirm open title={`Revoke ${apiKey.name}?`} action="Revoke key" pending={revoke.isPending} error={revoke.error} onConfirm={() => revoke.mutate()} onClose={onClose}>
      Programs that still send with <code className="font-mono text-code">{apiKey.prefix}…</code> are refused from then on. This cannot be undone.
    </Confirm>
  )
}

/** Shows a key's text, which nobody will see again; only its button closes it. */
function NewKeyDialog({ made, onClose }: { made: NewKey; onClose: () => void }) {
  return (
    <Dialog open>
      <DialogContent title={`Key ${made.name}`} description="Copy it now: it is stored as a hash, and not shown again." dismissible={false} className="max-w-lg">
        <CopyLine text={made.key} label="API key" />
        {made.expires_at && <p className="mt-2 text-muted-foreground">It expires {formatMoment(made.expires_at)}.</p>}
        <DialogActions>
          <Button onClick={onClose}>I have copied it</Button>
        </DialogActions>
      </DialogContent>
    </Dialog>
  )
}

function useRefreshKeys(app: string) {
  const queryClient = useQueryClient()
  return () => queryClient.invalidateQueries({ queryKey: keysQuery(app).queryKey })
}
