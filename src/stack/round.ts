import { PutObjectCommand } from '@aws-sdk/client-s3'
import { monitorPrefix, type RoundDocument, roundKey } from '../wire/round.ts'
import type { Clients } from './clients.ts'

/** Leaves it in the stage's bucket: from the next round on it is what is monitored. */
export async function putRound({ s3 }: Clients, Bucket: string, document: RoundDocument): Promise<void> {
  const Body = Buffer.from(JSON.stringify(document))
  await s3.send(new PutObjectCommand({ Bucket, Key: monitorPrefix + roundKey, Body }))
}
