/** What we use of a package that has no types. */
declare module 'asl-validator' {
  type Options = { checkArn?: boolean; checkPaths?: boolean }
  type Validated = { isValid: boolean; errorsText(separator?: string): string }
  const validate: (definition: object, options?: Options) => Validated

  // biome-ignore lint/style/noDefaultExport: the package's own
  export { validate as default }
}
