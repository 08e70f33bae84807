// Package risk computes the composite risk of a customer.
//
// A model is a weighted sum of factors, 0 to 100, each with a reason and the positions of the events
// it rests on. Each factor is at one of its levels, or at none, and the model says what each level
// adds:
//
//	geography       call_for_action, monitored     countries of residence, nationality and address
//	customer_type   business
//	industry        exposed                        a word of the model in the industry stated
//	product         exposed                        metadata.products of the customer, a list of words
//	delivery        remote, intermediary           metadata.delivery of the customer, a word
//	identification  rejected, expired, unverified  KYC state
//	kyc_age         old                            verified more days ago than the model allows
//	pep             declared, listed
//	sanctions       open, confirmed                an alert nobody has decided, or a true match
//	adverse_media   open, confirmed
//	internal_list   open, confirmed                a list of the institution's own
//	behaviour       low, medium, high, critical    open monitoring alerts, added up by severity
//	ownership       call_for_action, monitored, undisclosed, layered
//
// Bands make a rating of the sum. Floors raise it while a factor is at a level; a possible match on a
// sanctions list is at least high and a confirmed one prohibited in every model. Enhanced due
// diligence (EDD) is required by either, by a politically exposed person (FATF recommendation 12), a
// jurisdiction subject to a call for action (recommendation 19), and a rating from the model's
// edd_from on (recommendation 10). An alert that was resolved or dismissed weighs no more, unless it
// was confirmed: then it weighs for good. The next review is due some days after the customer was
// taken on, identified or reviewed, by rating.
//
// # Models
//
// Models are versioned. standard@1 and standard@2 are shipped. A ledger stays with the shipped model
// that made its first rating, today standard@2, until the institution adopts another. A version
// that is stated rates nobody before it is adopted. Every rating names its model, and Rate is pure,
// so that an examiner can run the same rating again.
//
// # Overrides
//
// An officer may ask for another rating, or for a floor under it, with a reason and an end at most 366
// days ahead; it counts once somebody else has approved it. The score stays what it is, and the
// rating tells what it would be without. Nothing overrides a rating of prohibited. An override that
// has expired weighs no more when the customer is rated next, which is now and then for that alone.
package risk
