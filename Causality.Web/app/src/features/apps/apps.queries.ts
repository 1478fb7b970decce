import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Answered } from '@/shared/api'

export type AppDetails = Answered<'/api/v1/apps/{app_id}', 'get'>
export type ApiKey = Answered<'/api/v1/apps/{app_id}/keys', 'get'>[number]
/** A key that was just made: the only time that its text is known. */
export type NewKey = Answered<'/api/v1/apps/{app_id}/keys', 'post'>
export type Snippet = Answered<'/api/v1/apps/{app_id}/tracking-code', 'get'>['snippets'][number]

/** What an app's settings page may change. */
export type AppChanges = Partial<Pick<AppDetails, 'name' | 'time_zone' | 'allowed_origins' | 'retention_days' | 'ip_policy' | 'denied_properties' | 'enrichment'>>

const of = (app: string) => ({ params: { path: { app_id: app } } })

export const appQuery = (app: string) =>
  queryOptions({ queryKey: ['app', app], queryFn: ({ signal }) => answer(api.GET('/api/v1/apps/{app_id}', { ...of(app), signal })) })

export const keysQuery = (app: string) =>
  queryOptions({ queryKey: ['keys', app], queryFn: ({ signal }) => answer(api.GET('/api/v1/apps/{app_id}/keys', { ...of(app), signal })) })

export const trackingCodeQuery = (app: string) =>
  queryOptions({
    queryKey: ['tracking-code', app],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/apps/{app_id}/tracking-code', { ...of(app), signal })),
    staleTime: 300_000,
  })

export const createApp = (body: { organization_id: string; id: string; name: string; time_zone: string }) => answer(api.POST('/api/v1/apps', { body }))

export const changeApp = (app: string, version: number, changes: AppChanges) =>
  answer(api.PATCH('/api/v1/apps/{app_id}', { ...of(app), body: { version, ...changes } }))

export const createKey = (app: string, name: string, expiresAt: string | undefined) =>
  answer(api.POST('/api/v1/apps/{app_id}/keys', { ...of(app), body: { name, ...(expiresAt ? { expires_at: expiresAt } : {}) } }))

/** Makes a key in the place of another, which goes on for so many hours. */
export const rotateKey = (app: string, key: string, overlapHours: number) =>
  answer(api.POST('/api/v1/apps/{app_id}/keys/{key_id}/rotate', { params: { path: { app_id: app, key_id: key } }, body: { overlap_hours: overlapHours } }))

export const revokeKey = (app: string, key: string) =>
  answer(api.DELETE('/api/v1/apps/{app_id}/keys/{key_id}', { params: { path: { app_id: app, key_id: key } } }))
