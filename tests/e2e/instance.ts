/** The running instance, as `./causality up` writes it to its env file. */
export const instance = {
  url: required('CAUSALITY_URL'),
  email: required('CAUSALITY_ADMIN_EMAIL'),
  password: required('CAUSALITY_ADMIN_PASSWORD'),
  apiKey: required('CAUSALITY_API_KEY'),
  app: required('CAUSALITY_APP_ID'),
}

export function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: it comes from the env file of a running instance, and for what goes past the API from infra/shell/tests.sh.`)
  return value
}
