import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { ApiProblem, fieldError, formError } from '@/shared/api'
import { forgetInvitation } from '@/shared/session/kept-invitation'
import { signInOptionsQuery } from '@/shared/session/session.queries'
import { withArticle } from '@/shared/workspace/roles'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { PasswordInput } from '@/shared/ui/password-input'
import { Skeleton } from '@/shared/ui/skeleton'
import { register, showInvitation } from './session.commands'
import { SessionLayout, textLink, waitText } from './session-layout'

const fields = ['name', 'email', 'password', 'organization', 'invitation']

/** A new account: with an invitation it joins that organization, else it begins one of its own. */
export function SignUpPage(props: { back: string; invitation: string | undefined; onSignedUp: () => Promise<void> | void }) {
  const { back, invitation } = props
  const options = useQuery(signInOptionsQuery)
  const shown = useQuery({
    queryKey: ['invitation', invitation],
    queryFn: () => showInvitation(invitation ?? ''),
    enabled: invitation !== undefined,
    staleTime: 60_000,
  })
  const closed = options.data?.registration === 'invited' && invitation === undefined
  const waiting = invitation !== undefined && shown.isPending
  return (
    <SessionLayout
      title={shown.data ? `Join ${shown.data.organization}` : 'Create an account'}
      description={
        shown.data
          ? `${shown.data.invited_by} invites you as ${withArticle(shown.data.role)}. Create an account to accept.`
          : closed
            ? undefined
            : 'Begin with your own organization; invite others later.'
      }
      footer={
        <p>
          Have an account?{' '}
          <Link to="/sign-in" search={back === '/' ? {} : { back }} className={textLink}>
            Sign in
          </Link>
        </p>
      }
    >
      {closed ? (
        <Alert tone="info">This installation takes new accounts by invitation only. Ask an admin of your organization for a link.</Alert>
      ) : waiting ? (
        <div role="status" aria-label="Loading the invitation" className="space-y-4">
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
          <Skeleton className="h-16" />
        </div>
      ) : shown.isError ? (
        <Alert>{shown.error.message}</Alert>
      ) : (
        <SignUpForm
          email={shown.data?.email ?? undefined}
          invitation={invitation}
          minLength={options.data?.min_password_length ?? 12}
          onSignedUp={props.onSignedUp}
        />
      )}
    </SessionLayout>
  )
}

function SignUpForm(props: { email: string | undefined; invitation: string | undefined; minLength: number; onSignedUp: () => Promise<void> | void }) {
  const { invitation, minLength } = props
  const form = useRef<HTMLFormElement>(null)
  const [wrong, setWrong] = useState<{ email?: string; password?: string }>({})
  const attempt = useMutation({
    mutationFn: register,
    onSuccess: async () => {
      forgetInvitation()
      await props.onSignedUp()
    },
  })
  useEffect(() => form.current?.querySelector('input')?.focus(), [])

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const text = (name: string) => ((given.get(name) as string | null) ?? '').trim()
    const password = (given.get('password') as string | null) ?? ''
    const found = {
      ...(text('email') ? {} : { email: 'Enter your e-mail.' }),
      ...(password.length >= minLength ? {} : { password: `Use at least ${minLength} characters.` }),
    }
    setWrong(found)
    const first = Object.keys(found)[0]
    if (first) form.current?.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus()
    else
      attempt.mutate({
        email: text('email'),
        password,
        ...(text('name') ? { name: text('name') } : {}),
        ...(invitation ? { invitation } : text('organization') ? { organization: text('organization') } : {}),
      })
  }

  return (
    <form ref={form} onSubmit={submit} noValidate aria-busy={attempt.isPending} className="space-y-4">
      <Field label="Name" note="optional" error={fieldError(attempt.error, 'name')}>
        {(control) => <Input {...control} name="name" autoComplete="name" className="h-10" />}
      </Field>
      <Field label="E-mail" error={wrong.email ?? fieldError(attempt.error, 'email')}>
        {(control) => (
          <Input {...control} name="email" type="email" autoComplete="username" autoCapitalize="none" spellCheck={false} defaultValue={props.email} className="h-10" />
        )}
      </Field>
      <Field label="Password" hint={`At least ${minLength} characters. A sentence is easier to remember than a riddle.`} error={wrong.password ?? fieldError(attempt.error, 'password')}>
        {(control) => <PasswordInput {...control} name="password" autoComplete="new-password" className="h-10" />}
      </Field>
      {!invitation && (
        <Field label="Organization" note="optional" hint="Your company or team; it can be renamed." error={fieldError(attempt.error, 'organization')}>
          {(control) => <Input {...control} name="organization" autoComplete="organization" className="h-10" />}
        </Field>
      )}
      <Refusal error={attempt.error} />
      <Button type="submit" size="large" className="w-full" disabled={attempt.isPending}>
        {attempt.isPending ? 'Creating the account…' : 'Create account'}
      </Button>
    </form>
  )
}

function Refusal({ error }: { error: Error | null }) {
  const problem = error instanceof ApiProblem ? error : undefined
  const text = problem?.status === 429 ? waitText(problem.retryAfter) : formError(error, fields)
  if (text === undefined) return null
  return (
    <Alert>
      {text}
      {problem?.code === 'email-taken' && (
        <>
          {' '}
          <Link to="/sign-in" className={textLink}>
            Sign in instead
          </Link>
        </>
      )}
    </Alert>
  )
}
