import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { randomUUID } from 'node:crypto';
import { clientSettings, sender } from './aws.js';

const BY_OWNER = 'owner'; // the index: owner, then createdAt
const MAX_READS_PER_PAGE = 10;

// DynamoDB deletes what expired within days, so until then it is hidden here.
const ALIVE = '(attribute_not_exists(expiration_time) OR expiration_time > :now)';
const now = () => Math.floor(Date.now() / 1000);

/**
 * Items, in DynamoDB. Whoever asks only ever sees their own. Reading one item is consistent;
 * lists come from an index, which shows a change a moment later.
 */
export function createItemStore({ region, table }) {
  const client = new DynamoDBClient(clientSettings(region));
  const send = sender(DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }));
  const TableName = table;

  async function get(owner, id) {
    const { Item } = await send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
    const isVisible = Item?.owner === owner && !(Item.expiration_time <= now());
    return isVisible ? Item : null;
  }

  /** Runs a conditional write; when its condition does not hold, says why. */
  async function change(owner, id, command) {
    try {
      return { item: (await send(command)).Attributes };
    } catch (error) {
      if (error.name !== 'ConditionalCheckFailedException') throw error;
      return (await get(owner, id)) ? { conflict: true } : { missing: true };
    }
  }

  return {
    get,

    // No condition on the new id: the SDK may send a request twice, and this way twice is once.
    async create(owner, { title, notes, expiresAt }) {
      const createdAt = new Date().toISOString();
      const Item = {
        id: randomUUID(),
        owner,
        title,
        notes,
        done: false,
        version: 1,
        createdAt,
        updatedAt: createdAt,
        expiration_time: expiresAt ?? undefined,
      };
      await send(new PutCommand({ TableName, Item }));
      return Item;
    },

    /** Newest first. `after` is the position an earlier page ended at. */
    async list(owner, { limit, after }) {
      const found = [];
      let position = after && { ...after, owner };
      // The filter comes after DynamoDB's own limit, so expired items make short or empty reads.
      // One item more than asked for says whether there is a next page.
      for (let reads = 0; reads < MAX_READS_PER_PAGE; reads += 1) {
        const { Items, LastEvaluatedKey } = await send(
          new QueryCommand({
            TableName,
            IndexName: BY_OWNER,
            KeyConditionExpression: '#owner = :owner',
            FilterExpression: ALIVE,
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': owner, ':now': now() },
            ScanIndexForward: false,
            Limit: limit + 1,
            ExclusiveStartKey: position,
          }),
        );
        found.push(...Items);
        position = LastEvaluatedKey;
        if (!position || found.length > limit) break;
      }
      const items = found.slice(0, limit);
      return { items, next: found.length > limit ? items.at(-1) : position };
    },

    /** Changes the given fields if the item is still at `version`. */
    async update(owner, id, { version, expiresAt, ...fields }) {
      const assignments = { ...fields, version: version + 1, updatedAt: new Date().toISOString() };
      if (expiresAt) assignments.expiration_time = expiresAt;
      const names = Object.keys(assignments);
      const command = new UpdateCommand({
        TableName,
        Key: { id },
        UpdateExpression:
          `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}` +
          (expiresAt === null ? ' REMOVE expiration_time' : ''),
        ConditionExpression: `#owner = :owner AND #version = :expected AND ${ALIVE}`,
        ExpressionAttributeNames: { '#owner': 'owner', ...Object.fromEntries(names.map((name) => [`#${name}`, name])) },
        ExpressionAttributeValues: {
          ...Object.fromEntries(names.map((name) => [`:${name}`, assignments[name]])),
          ':owner': owner,
          ':expected': version,
          ':now': now(),
        },
        ReturnValues: 'ALL_NEW',
      });
      return change(owner, id, command);
    },

    /** Deletes the item, if it is still at `version` when one is given. */
    async remove(owner, id, version) {
      const command = new DeleteCommand({
        TableName,
        Key: { id },
        ConditionExpression: `#owner = :owner AND ${ALIVE}` + (version ? ' AND #version = :version' : ''),
        ExpressionAttributeNames: { '#owner': 'owner', ...(version && { '#version': 'version' }) },
        ExpressionAttributeValues: { ':owner': owner, ':now': now(), ':version': version },
      });
      return change(owner, id, command);
    },

    /** Resolves when the table answers. */
    async ping() {
      await send(new GetCommand({ TableName, Key: { id: 'ping' } }));
    },

    close: () => client.destroy(),
  };
}
