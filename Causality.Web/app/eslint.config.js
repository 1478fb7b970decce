import js from '@eslint/js'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import reactHooks from 'eslint-plugin-react-hooks'
import { readdirSync } from 'node:fs'
import globals from 'globals'
import tseslint from 'typescript-eslint'

const features = readdirSync(new URL('./src/features', import.meta.url))

// app → features → shared, and no feature knows another: what two of them need moves to shared.
// A path that climbs would slip past these, so a file names its neighbors by ./ and all else by @/.
const layer = (files, ...forbidden) => ({
  files,
  ignores: ['**/*.test.*'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: '^\\.\\.', message: 'write @/ for what is not in this folder' },
          ...forbidden.map(([regex, message]) => ({ regex, message })),
        ],
      },
    ],
  },
})
const noApp = ['^@/app(/|$)', 'what is below does not know the app around it']
const layers = [
  layer(['src/app/**']),
  layer(['src/shared/**'], noApp, ['^@/features(/|$)', 'shared knows no feature']),
  ...features.map((name) =>
    layer([`src/features/${name}/**`], noApp, [`^@/features/(?!${name}/)`, 'features do not import each other; move what they share to shared/']),
  ),
]

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'src/shared/api/schema.d.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { globals: globals.browser, parserOptions: { projectService: true } },
    rules: {
      // a redirect is thrown, in TanStack Router's way
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  ...layers,
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  { files: ['*.js'], languageOptions: { globals: globals.node } },
  { files: ['public/*.js'], languageOptions: { globals: globals.browser } },
)
