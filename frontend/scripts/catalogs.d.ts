// Made by build.mjs of languages/*.po: what the scripts say, by language.
declare module "catalogs" {
  const catalogs: Record<string, { form: (count: number) => number; texts: Record<string, string[]> } | undefined>;
  export default catalogs;
}
