import type { ReactNode } from 'react'
import { Mark } from '@/shared/ui/mark'

/** A page outside the app: the name, a heading, a narrow form, and the other ways below it. */
export function SessionLayout(props: { title: string; description?: ReactNode; footer?: ReactNode; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center px-5 py-10">
      <title>{`${props.title} · Causality`}</title>
      <div className="mb-8 flex items-center gap-3">
        <Mark className="size-9" />
        <span className="text-xl font-semibold tracking-tight">Causality</span>
      </div>
      <h1 className="text-lg font-semibold">{props.title}</h1>
      {props.description && <p className="mt-1 text-muted-foreground">{props.description}</p>}
      <div className="mt-6">{props.children}</div>
      {props.footer && <div className="mt-6 space-y-2 border-t border-border pt-5 text-muted-foreground">{props.footer}</div>}
    </main>
  )
}

export const textLink = 'font-medium text-primary underline-offset-4 hover:underline'

/** What to do after a 429. */
export const waitText = (seconds: number | undefined) => `Too many tries. Wait ${seconds ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : 'a minute'} and try again.`
