import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Answered } from '@/shared/api'

export type Session = Answered<'/api/v1/auth/sessions', 'get'>[number]

export const sessionsQuery = queryOptions({ queryKey: ['sessions'], queryFn: ({ signal }) => answer(api.GET('/api/v1/auth/sessions', { signal })) })

export const rename = (name: string) => answer(api.PATCH('/api/v1/auth/me', { body: { name } }))

export const changePassword = (current: string, next: string) => answer(api.POST('/api/v1/auth/password', { body: { current, new: next } }))

export const endSession = (session: string) => answer(api.DELETE('/api/v1/auth/sessions/{session_id}', { params: { path: { session_id: session } } }))
