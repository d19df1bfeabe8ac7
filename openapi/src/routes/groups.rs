//! Groups, and who is in them.

use std::collections::BTreeMap;

use shared::{
    domain::Magic,
    http::{
        ApiError, reply,
        view::{GroupView, GroupWithMembers, ListedGroup, MemberView, MembershipView},
    },
};

use super::Describe;
use crate::{
    examples::Examples,
    fields::LineText,
    operation::Operation,
    refusals::invalid,
    requests::{CreateGroup, CreateMembership, ListGroups, NameGroup, UpdateMembership},
    schemas::Schemas,
};

pub(crate) const TAG: &str = "Groups";

/// What is said of each.
pub(super) const ROUTES: &[(&str, Describe)] = &[
    ("list-groups", list),
    ("create-group", create),
    ("get-group", get),
    ("update-group", update),
    ("delete-group", delete),
    ("list-memberships", memberships),
    ("create-membership", join),
    ("update-membership", update_membership),
    ("delete-membership", leave),
    ("clear-group", clear),
];

fn operation<'s>(schemas: &'s mut Schemas, summary: &'static str, says: &str) -> Operation<'s> {
    Operation::new(schemas, TAG, summary)
        .says(says)
        .guarded()
        .refuses("forbidden", ApiError::Forbidden)
}

fn of_group(operation: Operation<'_>) -> Operation<'_> {
    operation.path_id("The group's number.", 3).refuses("unknown", ApiError::NotFound)
}

fn of_membership(operation: Operation<'_>) -> Operation<'_> {
    operation.path_id("The membership's number.", 18).refuses("unknown", ApiError::NotFound)
}

fn list(schemas: &mut Schemas) -> Operation<'_> {
    let group = schemas.examples.analysts.clone();
    let groups = [ListedGroup::new(&group, 1)];
    operation(schemas, "List groups", "For administrators. The groups by name, each with the number of its active members.")
        .dialects("documented refuses a `limit` or `offset` that makes no sense, metabase takes it for absent.")
        .query::<ListGroups>()
        .answers::<Vec<ListedGroup<'_>>>("The groups.", &[("groups", reply::ok(&groups))])
        .leads_to(&[("get-group", "$response.body#/0/id")])
        .refuses_all([invalid("tenancy", "value must be either external or internal.")])
}

fn create(schemas: &mut Schemas) -> Operation<'_> {
    let group = reply::ok(&GroupView::from(&schemas.examples.analysts));
    let body = CreateGroup { name: LineText("Analysts"), is_tenant_group: None };
    operation(schemas, "Make a group", "For administrators.")
        .takes(&[("group", body)])
        .answers::<GroupView<'_>>("The new group.", &[("group", group)])
        .once()
        .leads_to(&[
            ("get-group", "$response.body#/id"),
            ("update-group", "$response.body#/id"),
            ("clear-group", "$response.body#/id"),
            ("delete-group", "$response.body#/id"),
        ])
        .refuses_all([invalid("name", "value must be a non-blank string.")])
        .refuses("name-taken", ApiError::GroupNameTaken)
        .refuses("sold", ApiError::Premium(functions::create_group::TENANTS))
}

fn get(schemas: &mut Schemas) -> Operation<'_> {
    let Examples { jane, analysts, .. } = &schemas.examples;
    let group = reply::ok(&GroupWithMembers::new(analysts, std::slice::from_ref(jane)));
    of_group(operation(
        schemas,
        "Tell a group and its members",
        "For administrators. Members that are active.",
    ))
    .answers::<GroupWithMembers<'_>>("The group.", &[("group", group)])
    .refuses("too-long", ApiError::BadRequest(reply::TOO_LONG))
}

fn update(schemas: &mut Schemas) -> Operation<'_> {
    let group = reply::ok(&GroupView::from(&schemas.examples.analysts));
    let body = NameGroup { name: LineText("Scientists") };
    let says = "For administrators. The groups that always exist keep their names.";
    of_group(operation(schemas, "Give a group another name", says))
        .takes(&[("group", body)])
        .answers::<GroupView<'_>>("The group as it is now.", &[("group", group)])
        .refuses_all([invalid("name", "value must be a non-blank string.")])
        .refuses("name-taken", ApiError::GroupNameTaken)
        .refuses("all-users", ApiError::MagicGroup(Magic::AllUsers))
        .refuses("administrators", ApiError::MagicGroup(Magic::Administrators))
        .refuses("conflict", ApiError::Conflict)
}

fn delete(schemas: &mut Schemas) -> Operation<'_> {
    let says = "For administrators. All memberships of the group end. The groups that always exist stay. A deletion \
        that was cut short is finished by another.";
    of_group(operation(schemas, "Delete a group", says))
        .answers_nothing("The group is gone.")
        .refuses("all-users", ApiError::MagicGroup(Magic::AllUsers))
        .refuses("administrators", ApiError::MagicGroup(Magic::Administrators))
        .refuses("conflict", ApiError::Conflict)
}

fn memberships(schemas: &mut Schemas) -> Operation<'_> {
    let Examples { ada, jane, .. } = schemas.examples.clone();
    let all = reply::ok(&MembershipView::by_user(&[ada, jane]));
    let says = "For administrators. The memberships of every account, active or not, by the account's number.";
    operation(schemas, "List who is in which groups", says)
        .refuses("too-long", ApiError::BadRequest(reply::TOO_LONG))
        .answers::<BTreeMap<u64, Vec<MembershipView>>>("The memberships.", &[("all", all)])
}

fn join(schemas: &mut Schemas) -> Operation<'_> {
    let body = CreateMembership { user_id: 2, group_id: 3, is_group_manager: None };
    let Examples { jane, analysts, .. } = &schemas.examples;
    let members = reply::ok(&MemberView::all(std::slice::from_ref(jane), analysts.id));
    operation(schemas, "Put an account into a group", "For administrators. Who joins group 2 becomes an administrator.")
        .dialects("documented names the field of an account or group that does not exist, metabase has a bare text.")
        .takes(&[("membership", body)])
        .answers::<Vec<MemberView<'_>>>("All active members of the group.", &[("members", members)])
        .once()
        .leads_to(&[("delete-membership", "$response.body#/0/membership_id")])
        .refuses_all([invalid("user_id", "value must be an integer greater than zero.")])
        .refuses("no-such-account", ApiError::NoSuch("user_id"))
        .refuses("no-such-group", ApiError::NoSuch("group_id"))
        .refuses("member-already", ApiError::AlreadyMember)
        .refuses("all-users", ApiError::AllUsers)
        .refuses("too-many-groups", ApiError::TooManyGroups)
        .refuses("sold", ApiError::Premium(functions::update_membership::MANAGERS))
        .refuses("conflict", ApiError::Conflict)
}

fn update_membership(schemas: &mut Schemas) -> Operation<'_> {
    let body = UpdateMembership { is_group_manager: true };
    let says = "Managers of groups are what Metabase sells: administrators are answered with 402.";
    of_membership(operation(schemas, "Make somebody a group's manager", says))
        .takes(&[("manager", body)])
        .refuses_all([invalid("is_group_manager", "value must be a boolean.")])
        .refuses("sold", ApiError::Premium(functions::update_membership::MANAGERS))
}

fn leave(schemas: &mut Schemas) -> Operation<'_> {
    let says = "For administrators. Who leaves group 2 is no administrator any more; nobody leaves group 1.";
    of_membership(operation(schemas, "Take an account out of a group", says))
        .answers_nothing("The account is not in the group.")
        .refuses("all-users", ApiError::AllUsers)
        .refuses("last-admin", ApiError::LastAdmin)
        .refuses("conflict", ApiError::Conflict)
}

fn clear(schemas: &mut Schemas) -> Operation<'_> {
    let says = "For administrators. Nobody can be taken out of group 1, nor all out of group 2.";
    of_group(operation(schemas, "Take all accounts out of a group", says))
        .answers_nothing("Nobody is in the group.")
        .refuses("all-users", ApiError::AllUsers)
        .refuses("administrators", ApiError::BadRequest("Invalid Request."))
        .refuses("conflict", ApiError::Conflict)
}
