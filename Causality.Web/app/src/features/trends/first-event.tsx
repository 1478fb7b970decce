import { Link } from '@tanstack/react-router'
import { isAdmin } from '@/shared/workspace/roles'
import type { App } from '@/shared/workspace/workspace.queries'
import { buttonStyle } from '@/shared/ui/button'
import { CodeBlock } from '@/shared/ui/code-block'

/** What an app without events shows: the request that sends the first one. The page notices when it has arrived. */
export function FirstEvent({ app }: { app: App }) {
  return (
    <section aria-labelledby="first-event" className="mx-auto max-w-2xl px-4 py-10 sm:px-6">
      <h2 id="first-event" className="text-lg font-semibold">
        Send the first event
      </h2>
      <p className="mt-1 mb-4 text-muted-foreground">
        <strong className="font-medium text-foreground">{app.name}</strong> has no events yet. Run this in a shell where{' '}
        <code className="font-mono text-code text-foreground">CAUSALITY_API_KEY</code> holds an API key of the app
        {isAdmin(app) ? '.' : ', which its admins can make.'}
      </p>
      <CodeBlock code={firstEventCommand(window.location.origin, app.id)} language="Shell" label="The first event" wrap />
      <div className="mt-4 flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="flex items-center gap-2 text-muted-foreground">
          <span className="size-2 animate-pulse rounded-full bg-primary" aria-hidden />
          Waiting for the first event. It shows here by itself.
        </p>
        <div className="flex flex-wrap gap-2">
          {isAdmin(app) && (
            <Link to="/apps/$appId/keys" params={{ appId: app.id }} className={buttonStyle({ variant: 'outline' })}>
              API keys
            </Link>
          )}
          <Link to="/tracking-code" search={{ app: app.id }} className={buttonStyle({ variant: 'outline' })}>
            Code for other stacks
          </Link>
        </div>
      </div>
    </section>
  )
}

/** In lines so short that none is cut off beside the page's margins. */
export const firstEventCommand = (origin: string, app: string) => `curl -sS ${origin}/v1/events/ingest \\
  -H "X-API-Key: $CAUSALITY_API_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{"event": {
    "appId": "${app}",
    "deviceId": "my-terminal",
    "timestampMs": "'$(date +%s)000'",
    "customEvent": {"eventName": "hello"}
  }}'`
