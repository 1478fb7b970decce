import { useMutation } from '@tanstack/react-query'
import { Eye, EyeOff } from 'lucide-react'
import { useEffect, useRef, useState, type SyntheticEvent } from 'react'
import { ApiProblem } from '@/shared/api'
import { Button } from '@/shared/ui/button'
import { Input } from '@/shared/ui/input'
import { Mark } from '@/shared/ui/mark'
import { signIn } from './session.queries'

interface Missing {
  email?: string
  password?: string
}

/** E-mail and password; the fields are named and marked so that password managers fill and save them. */
export function SignInPage({ onSignedIn }: { onSignedIn: () => Promise<void> | void }) {
  const email = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const [shown, setShown] = useState(false)
  const [missing, setMissing] = useState<Missing>({})
  const attempt = useMutation({
    mutationFn: (given: { email: string; password: string }) => signIn(given.email, given.password),
    onSuccess: onSignedIn,
    onError: () => password.current?.select(),
  })

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
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-5 py-10">
      <title>Sign in · Causality</title>
      <div className="mb-8 flex items-center gap-3">
        <Mark className="size-9" />
        <span className="text-xl font-semibold tracking-tight">Causality</span>
      </div>
      <h1 className="text-lg font-semibold">Sign in</h1>
      <p className="mt-1 text-muted-foreground">See what people do in your apps.</p>
      <form onSubmit={submit} noValidate aria-busy={attempt.isPending} className="mt-6 space-y-4">
        <div className="space-y-1.5">
          <label htmlFor="email" className="block font-medium">
            E-mail
          </label>
          <Input
            ref={email}
            id="email"
            name="email"
            type="email"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            className="h-10"
            aria-invalid={missing.email ? true : undefined}
            aria-describedby={missing.email ? 'email-error' : undefined}
          />
          <FieldError id="email-error" text={missing.email} />
        </div>
        <div className="space-y-1.5">
          <label htmlFor="password" className="block font-medium">
            Password
          </label>
          <div className="relative">
            <Input
              ref={password}
              id="password"
              name="password"
              type={shown ? 'text' : 'password'}
              autoComplete="current-password"
              className="h-10 pr-10"
              aria-invalid={missing.password ? true : undefined}
              aria-describedby={missing.password ? 'password-error' : undefined}
            />
            <Button
              variant="ghost"
              size="icon"
              className="absolute top-0.5 right-0.5 text-muted-foreground"
              aria-label={shown ? 'Hide password' : 'Show password'}
              onClick={() => setShown(!shown)}
            >
              {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
            </Button>
          </div>
          <FieldError id="password-error" text={missing.password} />
        </div>
        {attempt.isError && (
          <p role="alert" className="rounded-md border border-danger/40 bg-danger-surface px-3 py-2 text-danger">
            {reasonFor(attempt.error)}
          </p>
        )}
        <Button type="submit" className="h-10 w-full" disabled={attempt.isPending}>
          {attempt.isPending ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
    </main>
  )
}

function FieldError({ id, text }: { id: string; text: string | undefined }) {
  return text ? (
    <p id={id} className="text-danger">
      {text}
    </p>
  ) : null
}

function reasonFor(error: Error) {
  if (!(error instanceof ApiProblem)) return 'Something went wrong. Try again.'
  if (error.status === 401) return 'The e-mail or the password is wrong.'
  if (error.status === 429)
    return `Too many tries. Wait ${error.retryAfter ? `${error.retryAfter} seconds` : 'a minute'} and try again.`
  return error.message
}
