/** A user, token or channel of that name is there already. */
export class DuplicateName extends Error {
  override name = 'DuplicateName'
}
