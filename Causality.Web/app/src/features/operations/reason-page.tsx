import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatMoment } from '@/shared/format/dates'
import { formatCount, formatNumber } from '@/shared/format/numbers'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Failed, ListSkeleton, Panel } from '@/shared/ui/page'
import { ChoiceGroup } from '@/shared/ui/toggle-group'
import { AppFilter } from './app-filter'
import { BackLink } from './back-link'
import { letterStates, reasonsOf } from './dead-letter-words'
import type { DeadLettersProps } from './dead-letters-search'
import { lettersQuery, type LetterGroup, type LetterSelection } from './dead-letters.queries'
import { DecideButtons } from './decide-buttons'
import { useFocusKept } from './heading-focus'
import { LetterRow } from './letter-row'

const states = ['open', 'replayed', 'discarded'] as const

/** The letters with a reason, by what became of them; open ones are decided on, some or all. */
export function ReasonPage({ reason, groups, asOf, search, onSearch }: DeadLettersProps & { reason: string; groups: readonly LetterGroup[]; asOf: string }) {
  const { app_id: app, state = 'open' } = search
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const list = useInfiniteQuery(lettersQuery(search))
  const letters = list.data?.pages.flatMap((page) => page.letters) ?? []
  useFocusKept(list.data && String(letters.length > 0))
  const found = reasonsOf(groups, app).find((each) => each.reason === reason)
  const open = found?.states.open ?? 0
  // what somebody else decided on meanwhile, or another filter hides, is not meant
  const selected = letters.filter((letter) => chosen.has(letter.id))
  const events = selected.reduce((sum, letter) => sum + letter.events, 0)
  const which: LetterSelection = { ...(selected.length > 0 ? { ids: selected.map(({ id }) => id) } : { reason, before: asOf }), ...(app ? { app_id: app } : {}) }
  const toggle = (id: string) => setChosen((ids) => new Set(ids.has(id) ? [...ids].filter((each) => each !== id) : [...ids, id]))
  return (
    <section aria-label={reason} className="space-y-4">
      <header className="space-y-1">
        <BackLink search={app ? { app_id: app } : {}}>All reasons</BackLink>
        <h2 tabIndex={-1} className="text-base font-semibold break-words outline-none">
          {reason}
        </h2>
        {found && (
          <p className="text-muted-foreground tabular-nums">
            {formatCount(found.events, 'event')} in {formatCount(found.letters, 'letter')}, the first {formatMoment(found.first_at)}, the last {formatMoment(found.last_at)}
          </p>
        )}
      </header>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <ChoiceGroup
          label="State"
          value={state}
          choices={states.map((value) => ({ value, label: `${letterStates[value]?.label} ${formatNumber(found?.states[value] ?? 0)}` }))}
          onChange={(value) => onSearch({ ...search, state: value === 'open' ? undefined : value })}
          className="max-sm:w-full"
        />
        <AppFilter groups={groups.filter((group) => group.reason === reason)} search={search} onSearch={onSearch} />
      </div>
      {!list.data ? (
        list.isError ? (
          <Failed what="The letters" error={list.error} onRetry={() => void list.refetch()} />
        ) : (
          <ListSkeleton rows={5} label="Loading the letters" />
        )
      ) : letters.length === 0 ? (
        <Panel className="px-4 py-8 text-center text-muted-foreground">
          <p role="status">{emptyWords[state]}</p>
        </Panel>
      ) : (
        <>
          {list.isError && !list.isFetchNextPageError && <Alert>The list is not up to date: {list.error.message}</Alert>}
          <Panel>
            {state === 'open' && (
              <div className="sticky top-0 z-20 max-md:top-14 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-t-xl border-b border-border bg-surface px-4 py-2">
                <label className="flex items-center gap-3">
                  <input
                    type="checkbox"
                    aria-label={`Select the ${formatCount(letters.length, 'letter')} shown`}
                    checked={selected.length === letters.length}
                    ref={(box) => {
                      if (box) box.indeterminate = selected.length > 0 && selected.length < letters.length
                    }}
                    onChange={() => setChosen(new Set(selected.length === letters.length ? [] : letters.map(({ id }) => id)))}
                    className="size-4 shrink-0 accent-primary"
                  />
                  <span aria-live="polite" className="tabular-nums">
                    {selected.length > 0 ? `${formatCount(selected.length, 'letter')} with ${formatCount(events, 'event')} selected` : 'Select'}
                  </span>
                </label>
                <DecideButtons
                  which={which}
                  letters={selected.length > 0 ? selected.length : open}
                  events={selected.length > 0 ? events : (found?.open_events ?? 0)}
                  onDecided={() => setChosen(new Set())}
                />
              </div>
            )}
            <ul aria-label="Letters" className="@container divide-y divide-border">
              {letters.map((letter) => (
                <LetterRow key={letter.id} letter={letter} search={search} {...(state === 'open' ? { selected: chosen.has(letter.id), onSelect: () => toggle(letter.id) } : {})} />
              ))}
            </ul>
          </Panel>
          {list.isFetchNextPageError && <Alert>More could not be loaded: {list.error.message}</Alert>}
          {list.hasNextPage && (
            <div className="flex justify-center">
              <Button variant="outline" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {list.isFetchingNextPage ? 'Loading…' : 'Load more'}
              </Button>
            </div>
          )}
        </>
      )}
    </section>
  )
}

const emptyWords = {
  open: 'None of these letters waits for a decision.',
  replayed: 'None of these letters was replayed.',
  discarded: 'None of these letters was discarded.',
}
