-- The actions that there are to filter by, from one to the next, and whether a member has done one or had it done to them since joining.
create index audit_log_action on audit_log (organization_id, action);
create index audit_log_action_of_actor on audit_log (action, actor_id, at) where organization_id is null;
create index audit_log_action_on_subject on audit_log (action, subject, at) where organization_id is null;
