import { Check, Copy } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { Button } from '@/shared/ui/button'

/** What an app without events shows: the request that sends the first one. The page notices when it has arrived. */
export function FirstEvent({ app }: { app: string }) {
  const [copied, setCopied] = useState(false)
  const command = firstEventCommand(window.location.origin, app)
  const copy = async () => {
    await navigator.clipboard.writeText(command)
    setCopied(true)
  }
  return (
    <section aria-labelledby="first-event" className="mx-auto max-w-2xl px-4 py-10 sm:px-6">
      <h2 id="first-event" className="text-lg font-semibold">
        Send the first event
      </h2>
      <p className="mt-1 text-muted-foreground">
        <strong className="font-medium text-foreground">{app}</strong> has no events yet. Run this in a shell where{' '}
        <Code>CAUSALITY_API_KEY</Code> holds an API key of the app. On the server, <Code>./causality keys create --app {app}</Code> prints one, and{' '}
        <Code>source .causality/env</Code> sets that of the first app.
      </p>
      <div className="mt-4 rounded-lg border border-border bg-muted">
        <div className="flex items-center justify-between border-b border-border py-1 pr-1 pl-4 text-xs text-muted-foreground">
          Shell
          <Button variant="ghost" size="small" onClick={() => void copy()}>
            {copied ? <Check className="text-success" aria-hidden /> : <Copy aria-hidden />}
            {copied ? 'Copied' : 'Copy'}
          </Button>
        </div>
        <pre className="overflow-x-auto p-4 font-mono text-[0.8125rem] leading-relaxed">{command}</pre>
      </div>
      <p role="status" className="mt-4 flex items-center gap-2 text-muted-foreground">
        <span className="size-2 animate-pulse rounded-full bg-primary" aria-hidden />
        Waiting for the first event. It shows here by itself.
      </p>
    </section>
  )
}

function Code({ children }: { children: ReactNode }) {
  return <code className="font-mono text-[0.8125rem] text-foreground">{children}</code>
}

export const firstEventCommand = (origin: string, app: string) => `curl -sS ${origin}/v1/events/ingest \\
  -H "X-API-Key: $CAUSALITY_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"event":{"appId":"${app}","deviceId":"my-terminal","timestampMs":"'$(date +%s)000'","customEvent":{"eventName":"hello"}}}'`
