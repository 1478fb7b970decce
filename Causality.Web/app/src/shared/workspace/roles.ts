/** What a member may do, each what those before may too. */
export const roles = ['viewer', 'editor', 'admin'] as const
export type Role = (typeof roles)[number]

export const roleLabels: Record<Role, string> = { viewer: 'Viewer', editor: 'Editor', admin: 'Admin' }

/** After "An editor". */
export const roleMeanings: Record<Role, string> = {
  viewer: 'reads everything.',
  editor: 'also makes dashboards, queries and alerts.',
  admin: 'also decides on people, apps and keys.',
}

/** A role of the API; one that this version does not know may only read. */
export const roleOf = (name: string): Role => roles.find((role) => role === name) ?? 'viewer'

export const isAdmin = (holder: { role: string } | undefined) => holder?.role === 'admin'

/** "an admin", "a viewer". */
export const withArticle = (role: string) => `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`
