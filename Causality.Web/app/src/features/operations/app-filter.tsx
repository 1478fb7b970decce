import { useId } from 'react'
import { Select } from '@/shared/ui/select'
import { appsOf } from './dead-letter-words'
import type { DeadLettersProps } from './dead-letters-search'
import type { LetterGroup } from './dead-letters.queries'

/** Narrows to the letters of one app; those of several, or nobody's, are seen among all only. Not there where it would choose nothing. */
export function AppFilter({ groups, search, onSearch }: DeadLettersProps & { groups: readonly LetterGroup[] }) {
  const id = useId()
  const apps = appsOf(groups)
  // one of the URL that has no letters must still be seen as what is asked for
  const known = search.app_id && !apps.includes(search.app_id) ? [search.app_id, ...apps] : apps
  if (known.length < 2 && !search.app_id) return null
  return (
    <div className="flex min-w-0 items-center gap-2">
      <label htmlFor={id} className="text-muted-foreground">
        App
      </label>
      <Select id={id} value={search.app_id ?? ''} onChange={(event) => onSearch({ ...search, app_id: event.target.value || undefined })} className="max-w-56">
        <option value="">All</option>
        {known.map((app) => (
          <option key={app} value={app}>
            {app}
          </option>
        ))}
      </Select>
    </div>
  )
}
