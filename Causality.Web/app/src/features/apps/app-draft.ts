import type { AppChanges, AppDetails } from './apps.queries'

/** What can be changed of an app, in the order of its form. */
export const appFields = ['name', 'time_zone', 'allowed_origins', 'retention_days', 'ip_policy', 'denied_properties', 'enrichment'] as const
export type AppField = (typeof appFields)[number]

export const fieldLabels: Record<AppField, string> = {
  name: 'Name',
  time_zone: 'Time zone',
  allowed_origins: 'Allowed origins',
  retention_days: 'Retention',
  ip_policy: 'IP addresses',
  denied_properties: 'Denied properties',
  enrichment: 'Enrichment',
}

/** An app's settings as its form holds them; `retention_days` is empty where events are kept for ever. */
export type AppDraft = Record<AppField, string>

export const draftOf = (app: AppDetails): AppDraft => ({
  name: app.name,
  time_zone: app.time_zone,
  allowed_origins: app.allowed_origins.join('\n'),
  retention_days: app.retention_days === null ? '' : String(app.retention_days),
  ip_policy: app.ip_policy,
  denied_properties: app.denied_properties.join('\n'),
  enrichment: app.enrichment ? 'on' : 'off',
})

const originsOf = (text: string) => text.split(/[\s,]+/).filter(Boolean)

const namesOf = (text: string) =>
  text
    .split(/[\n,]+/)
    .map((name) => name.trim())
    .filter(Boolean)

const normal = (field: AppField, text: string) => {
  if (field === 'allowed_origins') return originsOf(text).join('\n')
  return field === 'denied_properties' ? namesOf(text).join('\n') : text.trim()
}

/** The fields in which a draft says something else than another. */
export const differing = (draft: AppDraft, other: AppDraft) => appFields.filter((field) => normal(field, draft[field]) !== normal(field, other[field]))

/** The request's part that makes `base` what the draft says. */
export function changesOf(base: AppDraft, draft: AppDraft): AppChanges {
  const changes: AppChanges = {}
  for (const field of differing(draft, base)) {
    if (field === 'allowed_origins') changes.allowed_origins = originsOf(draft.allowed_origins)
    else if (field === 'retention_days') changes.retention_days = draft.retention_days.trim() === '' ? null : Number(draft.retention_days)
    else if (field === 'ip_policy') changes.ip_policy = draft.ip_policy as AppDetails['ip_policy']
    else if (field === 'denied_properties') changes.denied_properties = namesOf(draft.denied_properties)
    else if (field === 'enrichment') changes.enrichment = draft.enrichment === 'on'
    else changes[field] = draft[field].trim()
  }
  return changes
}

/** The fields that both sides changed since `base`, and not to the same. */
export const conflictsOf = (base: AppDraft, mine: AppDraft, theirs: AppDraft): AppField[] => {
  const changedByThem = new Set(differing(theirs, base))
  const stillApart = new Set(differing(mine, theirs))
  return differing(mine, base).filter((field) => changedByThem.has(field) && stillApart.has(field))
}

/** Mine where I changed a field and did not give it up, theirs everywhere else. */
export function merged(base: AppDraft, mine: AppDraft, theirs: AppDraft, givenUp: ReadonlySet<AppField>): AppDraft {
  const kept = differing(mine, base).filter((field) => !givenUp.has(field))
  return Object.fromEntries(appFields.map((field) => [field, kept.includes(field) ? mine[field] : theirs[field]])) as AppDraft
}

/** An id made of a name: what may be part of a path. */
export const idOf = (name: string) =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[̀-ͯ]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64)
