import { answer, api } from '@/shared/api'

export interface Registration {
  email: string
  password: string
  name?: string
  /** What the new organization is called; absent, the host finds a name. Not with an invitation, which names one. */
  organization?: string
  invitation?: string
}

export const signIn = (email: string, password: string) => answer(api.POST('/api/v1/auth/login', { body: { email, password } }))

export const register = (registration: Registration) => answer(api.POST('/api/v1/auth/register', { body: registration }))

export const askPasswordReset = (email: string) => answer(api.POST('/api/v1/auth/password-reset', { body: { email } }))

export const completePasswordReset = (token: string, password: string) =>
  answer(api.POST('/api/v1/auth/password-reset/complete', { body: { token, password } }))

/** What an invitation is to, for the sign-up that accepts it. */
export const showInvitation = (token: string) => answer(api.POST('/api/v1/invitations/show', { body: { token } }))
