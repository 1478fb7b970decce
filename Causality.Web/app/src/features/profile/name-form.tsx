import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { fieldError, formError } from '@/shared/api'
import { sessionQuery } from '@/shared/session/session.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { toast } from '@/shared/ui/toast'
import { rename } from './profile.queries'

export function NameForm({ name }: { name: string }) {
  const [draft, setDraft] = useState(name)
  const queryClient = useQueryClient()
  const save = useMutation({
    mutationFn: () => rename(draft.trim()),
    onSuccess: (me) => {
      queryClient.setQueryData(sessionQuery.queryKey, me)
      toast({ title: 'Name saved' })
    },
  })
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    save.mutate()
  }
  const trouble = formError(save.error, ['name'])
  return (
    <form onSubmit={submit} noValidate aria-label="Name" className="space-y-4">
      <Field label="Name" error={fieldError(save.error, 'name')} className="max-w-sm">
        {(control) => <Input {...control} value={draft} onChange={(event) => setDraft(event.target.value)} autoComplete="name" maxLength={80} />}
      </Field>
      {trouble && <Alert>{trouble}</Alert>}
      <Button type="submit" variant="outline" disabled={draft.trim() === name || save.isPending}>
        Save name
      </Button>
    </form>
  )
}
