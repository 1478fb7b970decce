import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { MailCheck } from 'lucide-react'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { ApiProblem, fieldError, formError } from '@/shared/api'
import { signInOptionsQuery } from '@/shared/session/session.queries'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { PasswordInput } from '@/shared/ui/password-input'
import { askPasswordReset, completePasswordReset } from './session.commands'
import { SessionLayout, textLink, waitText } from './session-layout'

const backToSignIn = (
  <p>
    <Link to="/sign-in" search={{}} className={textLink}>
      Back to sign-in
    </Link>
  </p>
)

/** Without a token asks for the link, with the token of a link for the new password. */
export function ResetPasswordPage({ token, onDone }: { token: string; onDone: () => void }) {
  return token ? <NewPassword token={token} onDone={onDone} /> : <AskForLink />
}

function AskForLink() {
  const mailless = useQuery(signInOptionsQuery).data?.mail === false
  const field = useRef<HTMLInputElement>(null)
  const [missing, setMissing] = useState(false)
  const attempt = useMutation({ mutationFn: askPasswordReset })
  useEffect(() => field.current?.focus(), [])
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    const email = field.current?.value.trim() ?? ''
    setMissing(!email)
    if (email) attempt.mutate(email)
    else field.current?.focus()
  }
  return (
    <SessionLayout title="Reset the password" description={mailless ? undefined : 'A link to choose a new one is sent to your e-mail.'} footer={backToSignIn}>
      {mailless ? (
        <Alert tone="info">This installation sends no mail. Ask an admin of your organization for a reset link: it is under Members.</Alert>
      ) : attempt.isSuccess ? (
        <div role="status" className="flex items-start gap-3 rounded-lg border border-border bg-surface p-4">
          <MailCheck className="mt-0.5 size-5 shrink-0 text-success" aria-hidden />
          <p>{attempt.data.message}</p>
        </div>
      ) : (
        <form onSubmit={submit} noValidate className="space-y-4">
          <Field label="E-mail" error={missing ? 'Enter your e-mail.' : fieldError(attempt.error, 'email')}>
            {(control) => <Input ref={field} {...control} name="email" type="email" autoComplete="username" autoCapitalize="none" spellCheck={false} className="h-10" />}
          </Field>
          <Refusal error={attempt.error} field="email" />
          <Button type="submit" size="large" className="w-full" disabled={attempt.isPending}>
            {attempt.isPending ? 'Sending…' : 'Send the link'}
          </Button>
        </form>
      )}
    </SessionLayout>
  )
}

function NewPassword({ token, onDone }: { token: string; onDone: () => void }) {
  const options = useQuery(signInOptionsQuery)
  const minLength = options.data?.min_password_length ?? 12
  const field = useRef<HTMLInputElement>(null)
  const [short, setShort] = useState(false)
  const attempt = useMutation({ mutationFn: (password: string) => completePasswordReset(token, password), onSuccess: onDone })
  useEffect(() => field.current?.focus(), [])
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    const password = field.current?.value ?? ''
    setShort(password.length < minLength)
    if (password.length >= minLength) attempt.mutate(password)
    else field.current?.focus()
  }
  return (
    <SessionLayout title="Choose a new password" description="It ends all sessions of the account; sign in again afterwards." footer={backToSignIn}>
      <form onSubmit={submit} noValidate className="space-y-4">
        <Field label="New password" hint={`At least ${minLength} characters.`} error={short ? `Use at least ${minLength} characters.` : fieldError(attempt.error, 'password')}>
          {(control) => <PasswordInput ref={field} {...control} name="password" autoComplete="new-password" className="h-10" />}
        </Field>
        <Refusal error={attempt.error} field="password" />
        <Button type="submit" size="large" className="w-full" disabled={attempt.isPending}>
          {attempt.isPending ? 'Saving…' : 'Save the password'}
        </Button>
      </form>
    </SessionLayout>
  )
}

function Refusal({ error, field }: { error: Error | null; field: string }) {
  const text = error instanceof ApiProblem && error.status === 429 ? waitText(error.retryAfter) : formError(error, [field])
  return text === undefined ? null : <Alert>{text}</Alert>
}
