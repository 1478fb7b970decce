import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { formatBytes, formatCount, formatNumber } from '@/shared/format/numbers'
import { DownloadLink } from '@/shared/session/download-link'
import { Alert } from '@/shared/ui/alert'
import { Badge } from '@/shared/ui/badge'
import { CodeBlock } from '@/shared/ui/code-block'
import { Failed, ListSkeleton, Panel } from '@/shared/ui/page'
import { BackLink } from './back-link'
import { damagesOf, letterMoment, letterStates } from './dead-letter-words'
import type { DeadLettersSearch } from './dead-letters-search'
import { letterBodyUrl, letterQuery, type Letter } from './dead-letters.queries'
import { DecideButtons } from './decide-buttons'
import { useFocusKept } from './heading-focus'

/** A letter whole: what is known of it, its events as far as they can be read, its bytes, and the decision. */
export function LetterPage({ id, search }: { id: string; search: DeadLettersSearch }) {
  const found = useQuery(letterQuery(id))
  const letter = found.data
  const reason = search.reason ?? letter?.reason
  const state = letter && letterStates[letter.state]
  useFocusKept(letter?.state)
  return (
    <section aria-label="Dead letter" className="space-y-4">
      <header className="space-y-2">
        <BackLink search={{ ...search, reason, letter: undefined }}>{reason ?? 'All reasons'}</BackLink>
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <h2 tabIndex={-1} className="flex items-center gap-2 text-base font-semibold outline-none">
            Dead letter {state && <Badge tone={state.tone}>{state.label}</Badge>}
          </h2>
          {letter && (
            <div className="flex flex-wrap gap-2">
              {letter.bytes > 0 && (
                <DownloadLink href={letterBodyUrl(id)} what="The bytes">
                  Download {formatBytes(letter.bytes)}
                </DownloadLink>
              )}
              {letter.state === 'open' && <DecideButtons which={{ ids: [id] }} letters={1} events={letter.events} size="default" />}
            </div>
          )}
        </div>
      </header>
      {letter ? (
        <>
          {found.isError && <Alert>The letter is not up to date: {found.error.message}</Alert>}
          <Panel className="px-4 py-3">
            <Facts letter={letter} />
          </Panel>
          <Events letter={letter} />
        </>
      ) : found.isError ? (
        <Failed what="The letter" error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <ListSkeleton label="Loading the letter" />
      )}
    </section>
  )
}

function Facts({ letter }: { letter: Letter }) {
  const damages = damagesOf(letter.preview ?? []).filter((damage) => damage !== letter.reason && damage !== letter.detail)
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <Fact name="Reason">{letter.reason}</Fact>
      {letter.detail && <Fact name="Details">{letter.detail}</Fact>}
      {damages.length > 0 && <Fact name="Damage">{damages.join(' · ')}</Fact>}
      <Fact name="Died">
        <time dateTime={letter.at}>{letterMoment(letter.at)}</time>
      </Fact>
      <Fact name="App">{letter.app_id ?? 'Of several apps, or nobody’s'}</Fact>
      <Fact name="Events">{formatNumber(letter.events)}</Fact>
      <Fact name="Message">
        <code className="font-mono text-code break-all">{letter.message_id}</code>
      </Fact>
      {letter.replay_of && (
        <Fact name="Came back from">
          <Link to="/operations/dead-letters" search={{ letter: letter.replay_of }} className="underline underline-offset-4">
            the letter that was replayed
          </Link>
        </Fact>
      )}
      {letter.resolved_at && (
        <Fact name={letterStates[letter.state]?.label ?? 'Decided'}>
          <time dateTime={letter.resolved_at}>{letterMoment(letter.resolved_at)}</time> by {letter.resolved_by ?? 'somebody'}
        </Fact>
      )}
      {letter.replayed_message_id && (
        <Fact name="Sent again as">
          <code className="font-mono text-code break-all">{letter.replayed_message_id}</code>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted-foreground max-sm:-mb-2">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  )
}

function Events({ letter }: { letter: Letter }) {
  const { preview } = letter
  if (!preview)
    return (
      <p className="text-muted-foreground">
        {letter.state === 'replayed' ? 'Its events were sent again, and its bytes are not kept here any more: they are in the lake, or died again as another letter.' : 'Its events were given up, and its bytes removed.'}
      </p>
    )
  return (
    <div className="space-y-2">
      <CodeBlock code={preview.map((event) => JSON.stringify(event, null, 2)).join('\n')} language="JSON" label="Events of the letter" wrap />
      {preview.length < letter.events && (
        <p className="text-xs text-muted-foreground">
          {formatCount(preview.length, 'part')} of {formatCount(letter.events, 'event')} can be shown; the download has all bytes.
        </p>
      )}
    </div>
  )
}
