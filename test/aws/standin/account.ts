/** GetAccountSettings: what the account may run at once, and what of it is set aside for functions. */
import type { Asked, Parts } from './asked.ts'
import { sendJson } from './http.ts'

const GB = 2 ** 30
const MB = 2 ** 20

export async function accountSettings({ response, region }: Asked, { api, lambda }: Parts): Promise<void> {
  const functions = await api.functions(region)
  const reserved = await Promise.all(functions.map(({ FunctionName }) => api.reserved(region, FunctionName)))
  const { concurrency } = lambda.quota
  sendJson(response, 200, {
    AccountLimit: {
      TotalCodeSize: 75 * GB,
      CodeSizeUnzipped: 250 * MB,
      CodeSizeZipped: 50 * MB,
      ConcurrentExecutions: concurrency,
      UnreservedConcurrentExecutions: concurrency - reserved.reduce<number>((sum, n) => sum + (n ?? 0), 0),
    },
    AccountUsage: { TotalCodeSize: 0, FunctionCount: functions.length },
  })
}
