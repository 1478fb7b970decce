import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { ApiProblem } from '@/shared/api'
import { signInOptionsQuery } from '@/shared/session/session.queries'
import { Alert } from '@/shared/ui/alert'
import { Button, buttonStyle } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { PasswordInput } from '@/shared/ui/password-input'
import { signIn } from './session.commands'
import { SessionLayout, textLink, waitText } from './session-layout'

interface Missing {
  email?: string
  password?: string
}

/**
 * E-mail and password, or another provider where the host has one. The fields are named and marked so that password
 * managers fill and save them. `back` is the page to go to afterwards, `failed` says with which refusal the provider's sign-in ended.
 */
export function SignInPage({ back, failed, onSignedIn }: { back: string; failed?: string | undefined; onSignedIn: () => Promise<void> | void }) {
  const options = useQuery(signInOptionsQuery)
  const email = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const [missing, setMissing] = useState<Missing>({})
  const attempt = useMutation({
    mutationFn: (given: { email: string; password: string }) => signIn(given.email, given.password),
    onSuccess: onSignedIn,
    onError: () => password.current?.select(),
  })
  const provider = options.data?.oidc

  useEffect(() => email.current?.focus(), [])

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = { email: email.current?.value.trim() ?? '', password: password.current?.value ?? '' }
    setMissing({
      ...(given.email ? {} : { email: 'Enter your e-mail.' }),
      ...(given.password ? {} : { password: 'Enter your password.' }),
    })
    if (!given.email) email.current?.focus()
    else if (!given.password) password.current?.focus()
    else attempt.mutate(given)
  }

  return (
    <SessionLayout
      title="Sign in"
      description="See what people do in your apps."
      footer={
        <>
          <p>
            <Link to="/reset-password" className={textLink}>
              Forgot the password?
            </Link>
          </p>
          {options.data?.registration === 'open' && (
            <p>
              New here?{' '}
              <Link to="/sign-up" search={back === '/' ? {} : { back }} className={textLink}>
                Create an account
              </Link>
            </p>
          )}
        </>
      }
    >
      <form onSubmit={submit} noValidate aria-busy={attempt.isPending} className="space-y-4">
        {failed !== undefined && <Alert>{providerReason(failed, provider?.name ?? 'the provider')}</Alert>}
        <Field label="E-mail" error={missing.email}>
          {(control) => (
            <Input ref={email} {...control} name="email" type="email" autoComplete="username" autoCapitalize="none" spellCheck={false} className="h-10" />
          )}
        </Field>
        <Field label="Password" error={missing.password}>
          {(control) => <PasswordInput ref={password} {...control} name="password" autoComplete="current-password" className="h-10" />}
        </Field>
        {attempt.isError && <Alert>{reasonFor(attempt.error)}</Alert>}
        <Button type="submit" size="large" className="w-full" disabled={attempt.isPending}>
          {attempt.isPending ? 'Signing in…' : 'Sign in'}
        </Button>
        {provider && (
          <>
            <div className="flex items-center gap-3 text-xs text-muted-foreground before:h-px before:flex-1 before:bg-border after:h-px after:flex-1 after:bg-border">or</div>
            <a href={`/api/v1/auth/oidc/start?${new URLSearchParams({ back }).toString()}`} className={cn(buttonStyle({ variant: 'outline', size: 'large' }), 'w-full')}>
              Continue with {provider.name}
            </a>
          </>
        )}
      </form>
    </SessionLayout>
  )
}

/** Why another provider's sign-in ended here, by the code that the host sends one back with. */
function providerReason(code: string, name: string) {
  switch (code) {
    case 'registration-closed':
      return 'There is no account of yours here, and new ones are by invitation only. Ask an admin for a link.'
    case 'email-taken':
      return `There is an account with your e-mail that does not belong to ${name}. Sign in with its password.`
    case 'email-missing':
    case 'email-unverified':
      return `${name} does not confirm your e-mail address. Confirm it there, then try again.`
    case 'provider-away':
      return `${name} cannot be reached. Try again later, or use your password.`
    case 'sign-in-expired':
      return `Signing in with ${name} took too long. Try again.`
    default:
      return `Signing in with ${name} did not succeed. Try again, or use your password.`
  }
}

function reasonFor(error: Error) {
  if (!(error instanceof ApiProblem)) return 'Something went wrong. Try again.'
  if (error.status === 401) return 'The e-mail or the password is wrong.'
  if (error.status === 429) return waitText(error.retryAfter)
  return error.message
}
