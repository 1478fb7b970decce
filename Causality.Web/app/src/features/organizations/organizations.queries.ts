import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Answered } from '@/shared/api'
import type { Role } from '@/shared/workspace/roles'

export type Member = Answered<'/api/v1/organizations/{organization_id}/members', 'get'>[number]
export type Invitation = Answered<'/api/v1/organizations/{organization_id}/invitations', 'get'>[number]
/** An invitation that was just made: the only time that its link is known. */
export type NewInvitation = Answered<'/api/v1/organizations/{organization_id}/invitations', 'post'>

const of = (organization: string) => ({ params: { path: { organization_id: organization } } })
const ofMember = (organization: string, user: string) => ({ params: { path: { organization_id: organization, user_id: user } } })

export const membersQuery = (organization: string) =>
  queryOptions({
    queryKey: ['members', organization],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/organizations/{organization_id}/members', { ...of(organization), signal })),
  })

export const invitationsQuery = (organization: string) =>
  queryOptions({
    queryKey: ['invitations', organization],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/organizations/{organization_id}/invitations', { ...of(organization), signal })),
  })

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => answer(api.POST('/api/v1/invitations/show', { body: { token }, signal })),
    enabled: token !== '',
  })

export const createOrganization = (name: string) => answer(api.POST('/api/v1/organizations', { body: { name } }))

export const renameOrganization = (organization: string, name: string) =>
  answer(api.PATCH('/api/v1/organizations/{organization_id}', { ...of(organization), body: { name } }))

export const changeRole = (organization: string, user: string, role: Role) =>
  answer(api.PATCH('/api/v1/organizations/{organization_id}/members/{user_id}', { ...ofMember(organization, user), body: { role } }))

export const removeMember = (organization: string, user: string) =>
  answer(api.DELETE('/api/v1/organizations/{organization_id}/members/{user_id}', ofMember(organization, user)))

/** A role in one app instead of the organization's; without a role, back to that. */
export const changeAppRole = (organization: string, user: string, app: string, role: Role | undefined): Promise<unknown> => {
  const params = { path: { organization_id: organization, user_id: user, app_id: app } }
  return role
    ? answer(api.PUT('/api/v1/organizations/{organization_id}/members/{user_id}/apps/{app_id}', { params, body: { role } }))
    : answer(api.DELETE('/api/v1/organizations/{organization_id}/members/{user_id}/apps/{app_id}', { params }))
}

export const createResetLink = (organization: string, user: string) =>
  answer(api.POST('/api/v1/organizations/{organization_id}/members/{user_id}/password-reset', ofMember(organization, user)))

export const invite = (organization: string, email: string | undefined, role: Role) =>
  answer(api.POST('/api/v1/organizations/{organization_id}/invitations', { ...of(organization), body: { role, ...(email ? { email } : {}) } }))

export const revokeInvitation = (organization: string, invitation: string) =>
  answer(
    api.DELETE('/api/v1/organizations/{organization_id}/invitations/{invitation_id}', {
      params: { path: { organization_id: organization, invitation_id: invitation } },
    }),
  )

export const acceptInvitation = (token: string) => answer(api.POST('/api/v1/invitations/accept', { body: { token } }))
