/** docs/permissions.md, from the policies that the template and the tests use. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { roundPolicy } from '../src/stack/monitoring.ts'
import { ciPolicy, githubTrust, operatorPolicy, type Policy, workerPolicy } from '../src/stack/policies.ts'

const file = join(import.meta.dirname, '../docs/permissions.md')

const place = { partition: 'aws', account: '123456789012', region: '*' }
const own = (stage: string) => ({
  streams: `arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/slsart-${stage}-worker:*`,
  bucket: `arn:aws:s3:::slsart-${stage}-bucket-1a2b3c`,
  runs: `arn:aws:s3:::slsart-${stage}-bucket-1a2b3c/runs/*`,
  function: `arn:aws:lambda:eu-west-1:123456789012:function:slsart-${stage}-worker`,
})
/** As CloudFormation fills it in. */
const filledIn = (policy: Policy): Policy =>
  JSON.parse(JSON.stringify(policy), (_, value) => {
    const { 'Fn::Sub': text, Ref: name } = Object(value) as { 'Fn::Sub'?: string; Ref?: string }
    if (name !== undefined) return 'arn:aws:sns:eu-west-1:123456789012:slsart-dev-Alerts-1a2b3c'
    return text?.replace(`\${Bucket.Arn}`, own('dev').bucket) ?? value
  }) as Policy
const boundary = 'arn:aws:iam::123456789012:policy/boundary'

const shown = (policy: Policy): string => `\`\`\`json\n${JSON.stringify(policy, null, 2)}\n\`\`\``

export const permissionsMarkdown = (): string => `# Permissions

Who may do what on AWS. This page is made from the code (\`npm run docs\`): the worker's policy is the one in the stack's
template, and the tests hold the others against every call that the commands make. Put your account's number in the place of
\`123456789012\`; a region in the place of \`*\` narrows a policy to it. Everything that slsart makes begins with \`slsart-\`.

## The worker

The role that the workers run with; \`slsart deploy\` makes it. It writes its own logs, reads and writes the objects of runs
in its stage's bucket, and may do nothing else: not delete, not invoke, not see another bucket. Scripts' code runs with it.

${shown(workerPolicy({ ...own('dev'), function: null }))}

With \`--vpc-subnets\` Lambda must make network interfaces in the role's name. The code in the worker may not:

${shown({ Version: '2012-10-17', Statement: workerPolicy(own('dev')).Statement.filter(({ Sid }) => Sid?.startsWith('Interfaces')) })}

With \`--monitor\` it also reads what is to be monitored, and tells its topic:

${shown(filledIn(roundPolicy))}

The schedule that calls it has a role that may do that and nothing else. A role of your own, for \`--role-arn\`, needs these statements and \`lambda.amazonaws.com\` as whom it trusts.

## Who deploys

For \`slsart deploy\`, \`ls\` and \`remove\`. CloudFormation makes the resources in the name of whoever calls it, so this policy
has its calls too. It can neither start a worker nor read what runs have recorded.

${shown(operatorPolicy(place, null))}

Whoever may make a role and give it to a function can make one that may do anything. Where that matters, let the policy
insist on a permissions boundary, and deploy with \`--permissions-boundary ${boundary}\`. These
statements then stand in the place of those of the same name:

${shown({ Version: '2012-10-17', Statement: operatorPolicy(place, boundary).Statement.filter(({ Sid }) => Sid === 'MakeRole' || Sid === 'Role') })}

## Who runs tests

For \`slsart invoke\` and all that looks at runs. It makes, changes and removes nothing but runs.

${shown(ciPolicy(place))}

## CI without keys

A workflow on GitHub can take on a role with the policy above for as long as it runs, through OpenID Connect. The account
needs GitHub's identity provider once; the role trusts one branch of one repository:

${shown(githubTrust(place, 'repo:owner/name:ref:refs/heads/main'))}

\`\`\`yaml
permissions:
  id-token: write
  contents: read
steps:
  - uses: actions/checkout@v5
  - uses: aws-actions/configure-aws-credentials@v5
    with:
      role-to-assume: arn:aws:iam::123456789012:role/load-tests
      aws-region: eu-west-1
  - run: exec node_modules/.bin/slsart invoke -p scenario.yml
\`\`\`

[ci.md](ci.md) has a whole workflow, and why it says \`exec\`.
`

export const permissionsPage = (): string => readFileSync(file, 'utf8')

if (import.meta.main) writeFileSync(file, permissionsMarkdown())
