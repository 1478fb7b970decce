import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState, type SyntheticEvent } from 'react'
import { fieldError, formError } from '@/shared/api'
import { signInOptionsQuery } from '@/shared/session/session.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Field } from '@/shared/ui/field'
import { PasswordInput } from '@/shared/ui/password-input'
import { toast } from '@/shared/ui/toast'
import { changePassword, sessionsQuery } from './profile.queries'

export function PasswordForm({ email }: { email: string }) {
  const options = useQuery(signInOptionsQuery)
  const minLength = options.data?.min_password_length ?? 12
  const form = useRef<HTMLFormElement>(null)
  const [wrong, setWrong] = useState<{ current?: string; new?: string }>({})
  const queryClient = useQueryClient()
  const change = useMutation({
    mutationFn: (given: { current: string; next: string }) => changePassword(given.current, given.next),
    onSuccess: async () => {
      form.current?.reset()
      toast({ title: 'Password changed', description: 'Your other sessions are ended.' })
      await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
    },
  })
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const [current, next] = [given.get('current') as string, given.get('new') as string]
    const found = {
      ...(current ? {} : { current: 'Enter your password.' }),
      ...(next.length >= minLength ? {} : { new: `Use at least ${minLength} characters.` }),
    }
    setWrong(found)
    const first = Object.keys(found)[0]
    if (first) form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus()
    else change.mutate({ current, next })
  }
  const trouble = formError(change.error, ['current', 'new'])
  return (
    <form ref={form} onSubmit={submit} noValidate aria-label="Password" className="space-y-4">
      {/* tells a password manager whose password it is */}
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Current password" error={wrong.current ?? fieldError(change.error, 'current')}>
          {(control) => <PasswordInput {...control} name="current" autoComplete="current-password" />}
        </Field>
        <Field label="New password" hint={`At least ${minLength} characters.`} error={wrong.new ?? fieldError(change.error, 'new')}>
          {(control) => <PasswordInput {...control} name="new" autoComplete="new-password" />}
        </Field>
      </div>
      {trouble && <Alert>{trouble}</Alert>}
      <Button type="submit" variant="outline" disabled={change.isPending}>
        Change password
      </Button>
    </form>
  )
}
